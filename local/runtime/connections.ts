import type { Authorize } from '../aws/gateway.ts';
import { accessKeyOf, type DeclaredApi, type Deployment, type Role } from './deployment.ts';
import { parseRouteKey } from './http-api/route.ts';

/**
 * Checks that policies permit each connection that the templates declare, as AWS does when it is
 * made or used. So the start reports a missing grant that would quietly break once deployed.
 *
 * @returns one sentence for each grant that is missing
 */
export function missingGrants(
  deployment: Deployment,
  authorize: Authorize,
  { region, account }: { readonly region: string; readonly account: string },
): string[] {
  const missing: string[] = [];
  const service = (name: string, action: string, resource: string, sourceArn: string): void => {
    // A policy's statement about objects is their bucket's.
    const allowed = (
      deployment.serviceStatements.get(resource) ??
      deployment.serviceStatements.get(resource.split('/')[0] ?? resource)
    )?.some(
      (statement) =>
        statement.service === name &&
        statement.allows(action, resource, { sourceArn, sourceAccount: account }),
    );
    if (!allowed) {
      missing.push(`the policy of ${resource} does not let ${name} do ${action} for ${sourceArn}`);
    }
  };
  const caller = (accessKey: string, action: string, resource: string): void => {
    const decision = authorize(accessKey, { action, resource, context: {} });
    if (!decision.allowed) missing.push(`${accessKey} may not do ${action} on ${resource}`);
  };

  for (const { topicArn, endpoint, protocol } of deployment.subscriptions) {
    const action = protocol === 'sqs' ? 'sqs:SendMessage' : 'lambda:InvokeFunction';
    service('sns.amazonaws.com', action, endpoint, topicArn);
  }
  for (const mapping of deployment.mappings) {
    const key = accessKeyOf(mapping.function.name);
    if (mapping.kind === 'queue') {
      for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
        caller(key, `sqs:${action}`, mapping.queue.arn);
      }
    } else {
      for (const action of ['DescribeStream', 'GetShardIterator', 'GetRecords']) {
        caller(key, `dynamodb:${action}`, mapping.streamArn);
      }
      if (mapping.failureQueueArn) caller(key, 'sqs:SendMessage', mapping.failureQueueArn);
    }
  }
  for (const { name, deadLetterArn } of deployment.functions.values()) {
    if (deadLetterArn) caller(accessKeyOf(name), 'sqs:SendMessage', deadLetterArn);
  }
  for (const api of deployment.apis.values()) {
    for (const [functionArn, sourceArn] of apiCalls(api, region, account)) {
      service('apigateway.amazonaws.com', 'lambda:InvokeFunction', functionArn, sourceArn);
    }
  }
  for (const { arn, functionArn } of deployment.userPoolTriggers) {
    service('cognito-idp.amazonaws.com', 'lambda:InvokeFunction', functionArn, arn);
  }
  for (const { arn, queueArn, deadLetterArn } of deployment.eventRules) {
    service('events.amazonaws.com', 'sqs:SendMessage', queueArn, arn);
    if (deadLetterArn) service('events.amazonaws.com', 'sqs:SendMessage', deadLetterArn, arn);
  }
  for (const { configurationSetArn, topicArn } of deployment.sesEventTopics) {
    service('ses.amazonaws.com', 'sns:Publish', topicArn, configurationSetArn);
  }
  for (const { arn, bucket, prefix, topicArn } of deployment.receiptRules) {
    const object = `arn:aws:s3:::${bucket}/${prefix}*`;
    service('ses.amazonaws.com', 's3:PutObject', object, arn);
    service('ses.amazonaws.com', 'sns:Publish', topicArn, arn);
  }
  for (const { arn, role, functionArn, deadLetterArn } of deployment.schedules) {
    if (!trusts(role, 'scheduler.amazonaws.com', arn, account)) {
      missing.push(`the trust policy of ${role.arn} does not let ${arn} assume it`);
    }
    const key = `schedule ${arn}`;
    deployment.principals.set(key, role);
    caller(key, 'lambda:InvokeFunction', functionArn);
    if (deadLetterArn) caller(key, 'sqs:SendMessage', deadLetterArn);
    deployment.principals.delete(key);
  }
  return missing;
}

/** Returns true if a role's trust policy lets a service assume it for one of its resources. */
export const trusts = (
  role: Role,
  service: string,
  sourceArn: string,
  sourceAccount: string,
): boolean =>
  role.trusts.some(
    (statement) =>
      statement.service === service &&
      statement.allows('sts:AssumeRole', role.arn, { sourceArn, sourceAccount }),
  );

/** The functions that an API invokes, each with the ARN that API Gateway names as the source. */
function* apiCalls(
  api: DeclaredApi,
  region: string,
  account: string,
): Generator<readonly [functionArn: string, sourceArn: string]> {
  const prefix = `arn:aws:execute-api:${region}:${account}:${api.id}`;
  for (const { id, functionArn } of api.authorizers.values()) {
    yield [functionArn, `${prefix}/authorizers/${id}`];
  }
  for (const { routeKey, integrationId } of api.routes) {
    const integration = api.integrations.get(integrationId);
    if (integration === undefined) continue;
    const pattern = parseRouteKey(routeKey);
    const route =
      typeof pattern === 'string' ? pattern : `${pattern.method}/${pattern.segments.join('/')}`;
    yield [integration.functionArn, `${prefix}/${api.stage}/${route}`];
  }
}
