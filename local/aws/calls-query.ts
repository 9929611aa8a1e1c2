import type { AwsCall, CallResources } from './call.ts';
import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';
import { isV2, sendHead, v2Operation } from './ses-v2.ts';
import type { SendHead } from './ses-v2.ts';

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
  const head = {
    from: form.get('Source') ?? '',
    configurationSet: form.get('ConfigurationSetName') ?? undefined,
  };
  return sendCalls(action, head, { region, accountId });
}

/** Sending needs the permission for the identity, and for the configuration set. */
function sendCalls(
  action: string,
  { from, configurationSet }: SendHead,
  { region, accountId }: Pick<CallResources, 'region' | 'accountId'>,
): AwsCall[] {
  const address = addressIn(from);
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const context = { 'ses:FromAddress': [address] };
  const prefix = `arn:aws:ses:${region}:${accountId}:`;
  const names = [
    `identity/${domain}`,
    ...(configurationSet === undefined ? [] : [`configuration-set/${configurationSet}`]),
  ];
  return names.map((name) => ({ action, resource: prefix + name, context }));
}

/**
 * SendEmail of raw content needs the permission for SendRawEmail too: raw sends are reported to be
 * authorised as that, so both are asked for.
 */
function sesV2Calls(request: AwsRequest, resources: CallResources): AwsCall[] {
  const operation = v2Operation(request);
  if (operation !== 'SendEmail') {
    return [{ action: `ses:${operation}`, resource: '*', context: {} }];
  }
  const head = sendHead(request);
  return ['ses:SendEmail', 'ses:SendRawEmail'].flatMap((action) =>
    sendCalls(action, head, resources),
  );
}

/** The permissions of a request in the Query protocol. */
export function deriveQueryCalls(
  service: 'ses' | 'sns',
  request: AwsRequest,
  resources: CallResources,
): AwsCall[] {
  if (service === 'ses' && isV2(request)) return sesV2Calls(request, resources);
  const form = new URLSearchParams(request.body.toString('utf8'));
  return service === 'sns' ? snsCalls(form, resources) : sesCalls(form, resources);
}
