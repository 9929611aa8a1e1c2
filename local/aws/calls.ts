import type { AwsCall, CallResources } from './call.ts';
import { deriveDynamoDbCalls } from './calls-dynamodb.ts';
import { deriveQueryCalls } from './calls-query.ts';
import { deriveS3Calls } from './calls-s3.ts';
import { deriveSqsCalls } from './calls-sqs.ts';
import { busNameOf, entriesOf } from './events.ts';
import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';
import { JsonInput, targetOperation } from './json-protocol.ts';
import { lambdaOperation } from './lambda.ts';
import { readChangeBatch, route53Operation } from './route53-wire.ts';

/**
 * The condition keys that are judged here, in lower case; a `*` matches any end. A policy with
 * another one is refused when it is loaded. The first ones are never there in a call that comes
 * from the caller itself and not by way of an AWS service.
 */
export const CONDITION_KEYS: readonly string[] = [
  'aws:sourceaccount',
  'aws:sourcearn',
  'kms:grantisforawsresource',
  'kms:viaservice',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalisawsservice',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:viaawsservice',
  'kms:calleraccount',
  'kms:datakeypairspec',
  'kms:encryptioncontext:*',
  'kms:encryptioncontextkeys',
  'route53:changeresourcerecordsetsactions',
  'route53:changeresourcerecordsetsnormalizedrecordnames',
  'route53:changeresourcerecordsetsrecordtypes',
  's3:delimiter',
  's3:prefix',
  'ses:fromaddress',
];

function kmsCalls(request: AwsRequest, resources: CallResources): AwsCall[] {
  const input = new JsonInput(request.body);
  const keyId = input.optionalString('KeyId');
  const blob = input.optionalString('CiphertextBlob');
  const ciphertext = blob === undefined ? undefined : Buffer.from(blob, 'base64');
  const resource = resources.kmsKeyArn({ keyId, ciphertext });
  // Without a key there is nothing to permit: the stand-in will say that it is not found.
  if (resource === undefined) return [];
  const context: Record<string, readonly string[]> = { 'kms:CallerAccount': [resources.accountId] };
  const encryptionContext = Object.entries(input.stringMap('EncryptionContext'));
  for (const [key, value] of encryptionContext) context[`kms:EncryptionContext:${key}`] = [value];
  if (encryptionContext.length > 0) {
    context['kms:EncryptionContextKeys'] = encryptionContext.map(([key]) => key);
  }
  const spec = input.optionalString('KeyPairSpec');
  if (spec !== undefined) context['kms:DataKeyPairSpec'] = [spec];
  return [{ action: `kms:${targetOperation(request)}`, resource, context }];
}

function acmCalls(request: AwsRequest): AwsCall[] {
  const resource = new JsonInput(request.body).string('CertificateArn');
  return [{ action: `acm:${targetOperation(request)}`, resource, context: {} }];
}

function cognitoCalls(request: AwsRequest, { region, accountId }: CallResources): AwsCall[] {
  const action = `cognito-idp:${targetOperation(request)}`;
  if (action === 'cognito-idp:ListUserPools') return [{ action, resource: '*', context: {} }];
  const pool = new JsonInput(request.body).string('UserPoolId');
  const resource = `arn:aws:cognito-idp:${region}:${accountId}:userpool/${pool}`;
  return [{ action, resource, context: {} }];
}

/** PutEvents needs the permission of every bus that its entries name. */
function eventsCalls(request: AwsRequest, { region, accountId }: CallResources): AwsCall[] {
  const action = `events:${targetOperation(request)}`;
  // The handler answers for what it does not know.
  if (action !== 'events:PutEvents') return [];
  const buses = unique(entriesOf(new JsonInput(request.body)).map(busNameOf));
  return buses.map((bus) => ({
    action,
    resource: `arn:aws:events:${region}:${accountId}:event-bus/${bus}`,
    context: {},
  }));
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

function route53Calls(request: AwsRequest): AwsCall[] {
  const route = route53Operation(request);
  // The handler answers for what it does not know.
  if (route === undefined) return [];
  const { operation, id } = route;
  const action = `route53:${operation}`;
  switch (operation) {
    case 'GetChange':
      return [{ action, resource: `arn:aws:route53:::change/${id}`, context: {} }];
    case 'ListHostedZones':
    case 'ListHostedZonesByName':
    case 'CreateHostedZone':
    case 'CreateReusableDelegationSet':
    case 'ListReusableDelegationSets':
    case 'GetAccountLimit':
      return [{ action, resource: '*', context: {} }];
    case 'GetReusableDelegationSetLimit':
      return [{ action, resource: `arn:aws:route53:::delegationset/${id}`, context: {} }];
    case 'DeleteHostedZone':
    case 'GetHostedZone':
    case 'ListResourceRecordSets':
      return [{ action, resource: `arn:aws:route53:::hostedzone/${id}`, context: {} }];
    case 'ChangeResourceRecordSets': {
      const { changes } = readChangeBatch(request);
      const context = {
        'route53:ChangeResourceRecordSetsActions': unique(changes.map((change) => change.action)),
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': unique(
          changes.map(({ set }) => set.name),
        ),
        'route53:ChangeResourceRecordSetsRecordTypes': unique(changes.map(({ set }) => set.type)),
      };
      return [{ action, resource: `arn:aws:route53:::hostedzone/${id}`, context }];
    }
    default:
      throw new AwsError('UnknownOperationException', `${action} is not known.`);
  }
}

function lambdaCalls(request: AwsRequest, { region, accountId }: CallResources): AwsCall[] {
  const found = lambdaOperation(request);
  // The handler answers for what it does not know.
  if (found === undefined) return [];
  const { operation, name } = found;
  const resource = name === '' ? '*' : `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  return [{ action: `lambda:${operation}`, resource, context: {} }];
}

/**
 * Returns the actions and resources that a request needs permission for.
 * @throws AwsError where the request does not say what it does, or does what no stand-in has
 */
export function deriveCalls(
  service:
    | 'acm'
    | 'cognito-idp'
    | 'dynamodb'
    | 'events'
    | 'kms'
    | 'lambda'
    | 'route53'
    | 's3'
    | 'ses'
    | 'sns'
    | 'sqs',
  request: AwsRequest,
  resources: CallResources,
): readonly AwsCall[] {
  switch (service) {
    case 'acm':
      return acmCalls(request);
    case 'cognito-idp':
      return cognitoCalls(request, resources);
    case 'dynamodb':
      return deriveDynamoDbCalls(request, resources);
    case 'events':
      return eventsCalls(request, resources);
    case 'kms':
      return kmsCalls(request, resources);
    case 'lambda':
      return lambdaCalls(request, resources);
    case 'route53':
      return route53Calls(request);
    case 's3':
      return deriveS3Calls(request);
    case 'sqs':
      return deriveSqsCalls(request, resources);
    case 'ses':
    case 'sns':
      return deriveQueryCalls(service, request, resources);
    default:
      throw new AwsError(
        'UnknownOperationException',
        `The service ${String(service)} is not known.`,
      );
  }
}
