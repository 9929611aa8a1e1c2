import type { AwsCall } from '../aws/call.ts';
import type { Authorize } from '../aws/gateway.ts';
import { createAuthorizer, parsePolicy } from '../aws/iam.ts';
import { OPERATOR_KEY, type Deployment } from './deployment.ts';

/**
 * Holds every call against the policies that the templates declare. The operator, which covers
 * CloudFormation and all tools run against the deployment, may do what resource policies do not
 * deny.
 *
 * @param denied gets each refused call, which means that a grant is missing
 */
export function authorizeBy(
  deployment: Deployment,
  { region, account }: { readonly region: string; readonly account: string },
  denied: (accessKeyId: string, call: AwsCall, reason: string) => void,
): Authorize {
  deployment.principals.set(OPERATOR_KEY, {
    arn: `arn:aws:iam::${account}:user/${OPERATOR_KEY}`,
    policies: [
      parsePolicy({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, 'identity'),
    ],
  });
  const authorize = createAuthorizer({
    accountId: account,
    region,
    principals: deployment.principals,
    resourcePolicy: (arn) =>
      deployment.resourcePolicies.get(arn) ?? deployment.resourcePolicies.get(bucketOf(arn)),
  });
  return (accessKeyId, call) => {
    const decisions = resourcesOf(call, deployment).map((resource) =>
      authorize(accessKeyId, { ...call, resource }),
    );
    const decision = decisions.find(({ allowed }) => allowed) ?? decisions[0];
    if (decision === undefined) return { allowed: false, reason: 'there is no such resource' };
    if (!decision.allowed) denied(accessKeyId, call, decision.reason);
    return decision;
  };
}

/** An object's policy is its bucket's. */
const bucketOf = (arn: string): string => arn.split('/')[0] ?? arn;

/** A shard iterator does not say whose it is: who may read any of the streams may use it. */
const resourcesOf = (call: AwsCall, deployment: Deployment): readonly string[] =>
  call.action === 'dynamodb:GetRecords' ? deployment.streamArns : [call.resource];
