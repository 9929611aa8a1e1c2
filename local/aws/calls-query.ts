import type { AwsCall, CallResources } from './call.ts';
import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';

function snsCalls(form: URLSearchParams, { region, accountId }: CallResources): AwsCall[] {
  const operation = form.get('Action') ?? '';
  const action = `sns:${operation}`;
  const topic = form.get('TopicArn');
  switch (operation) {
    case 'CreateTopic': {
      const resource = `arn:aws:sns:${region}:${accountId}:${form.get('Name') ?? ''}`;
      return [{ action, resource, context: {} }];
    }
    case 'Publish':
    case 'Subscribe':
      if (topic === null) throw new AwsError('InvalidParameter', `${operation} needs a TopicArn.`);
      return [{ action, resource: topic, context: {} }];
    default:
      throw new AwsError('InvalidAction', `The SNS stand-in has no ${operation}.`);
  }
}

const addressIn = (mailbox: string): string =>
  /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim();

function sesCalls(form: URLSearchParams, { region, accountId }: CallResources): AwsCall[] {
  const operation = form.get('Action') ?? '';
  const action = `ses:${operation}`;
  // Only sending is about resources; every other action of SES v1 is permitted on `*` or not at all.
  if (operation !== 'SendRawEmail') return [{ action, resource: '*', context: {} }];
  const address = addressIn(form.get('Source') ?? '');
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const context = { 'ses:FromAddress': [address] };
  const prefix = `arn:aws:ses:${region}:${accountId}:`;
  const calls = [{ action, resource: `${prefix}identity/${domain}`, context }];
  const configurationSet = form.get('ConfigurationSetName');
  if (configurationSet !== null) {
    calls.push({ action, resource: `${prefix}configuration-set/${configurationSet}`, context });
  }
  return calls;
}

/** The permissions of a request in the Query protocol. */
export function deriveQueryCalls(
  service: 'ses' | 'sns',
  request: AwsRequest,
  resources: CallResources,
): AwsCall[] {
  const form = new URLSearchParams(request.body.toString('utf8'));
  return service === 'sns' ? snsCalls(form, resources) : sesCalls(form, resources);
}
