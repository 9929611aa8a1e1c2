/**
 * The regions where SES sends mail, with which of them receive it (November 2026: the endpoints of
 * botocore 1.43.11, and https://docs.aws.amazon.com/general/latest/gr/ses.html). Cognito, Scheduler,
 * KMS and everything else that the templates use is in all of them.
 */
const regions: Readonly<Record<string, 'sends-and-receives' | 'sends'>> = {
  'af-south-1': 'sends-and-receives',
  'ap-northeast-1': 'sends-and-receives',
  'ap-northeast-2': 'sends-and-receives',
  'ap-northeast-3': 'sends-and-receives',
  'ap-south-1': 'sends-and-receives',
  'ap-south-2': 'sends',
  'ap-southeast-1': 'sends-and-receives',
  'ap-southeast-2': 'sends-and-receives',
  'ap-southeast-3': 'sends-and-receives',
  'ap-southeast-5': 'sends',
  'ca-central-1': 'sends-and-receives',
  'ca-west-1': 'sends',
  'eu-central-1': 'sends-and-receives',
  'eu-central-2': 'sends',
  'eu-north-1': 'sends-and-receives',
  'eu-south-1': 'sends-and-receives',
  'eu-west-1': 'sends-and-receives',
  'eu-west-2': 'sends-and-receives',
  'eu-west-3': 'sends-and-receives',
  'il-central-1': 'sends-and-receives',
  'me-central-1': 'sends',
  'me-south-1': 'sends-and-receives',
  'sa-east-1': 'sends-and-receives',
  'us-east-1': 'sends-and-receives',
  'us-east-2': 'sends-and-receives',
  'us-west-1': 'sends-and-receives',
  'us-west-2': 'sends-and-receives',
};

/** Returns true if SES receives mail in a region; DMARC reports come by it. */
export const receivesMail = (region: string): boolean => regions[region] === 'sends-and-receives';

/** Returns what to give instead of a region that cannot be used; undefined where it can. */
export function adviceOnRegion(region: string): string | undefined {
  if (region in regions) return undefined;
  if (!/^[a-z]{2}(?:-[a-z]+)+-[0-9]$/.test(region)) return 'give an AWS region, such as eu-west-1';
  if (region.startsWith('us-gov-')) {
    return 'give a region outside AWS GovCloud, which has no CloudFront for the dashboard';
  }
  return `give a region where Amazon SES sends mail: ${Object.keys(regions).join(', ')}`;
}
