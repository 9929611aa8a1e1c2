import type { ResourceTypes } from '../../template/resource-type.ts';
import type { Caller } from '../aws-call.ts';
import type { Deployment } from '../deployment.ts';
import type { StandIns } from '../stand-ins.ts';
import { apiGatewayTypes } from './api-gateway.ts';
import { certificateTypes } from './certificates.ts';
import { cloudFrontTypes } from './cloudfront.ts';
import { cognitoTypes } from './cognito.ts';
import { dynamoDbTypes } from './dynamodb.ts';
import { ec2Types } from './ec2.ts';
import { ecsTypes } from './ecs.ts';
import { eventsTypes } from './events.ts';
import { iamTypes } from './iam.ts';
import { kmsTypes } from './kms.ts';
import { lambdaTypes } from './lambda.ts';
import { loadBalancingTypes } from './load-balancing.ts';
import { observabilityTypes } from './observability.ts';
import { route53Types } from './route53.ts';
import { s3Types } from './s3.ts';
import { schedulerTypes } from './scheduler.ts';
import { sesTypes } from './ses.ts';
import { sesInboundTypes } from './ses-inbound.ts';
import { snsTypes } from './sns.ts';
import { sqsTypes } from './sqs.ts';

export interface ResourceContext {
  readonly standIns: Pick<StandIns, 'acm' | 'cognito' | 'kms' | 'route53' | 'ses'>;
  /** In whose name resources are made. */
  readonly operator: Caller;
  readonly account: string;
  /** The address at which the HTTP API will be served. */
  readonly apiUrl: string;
  /** Is filled as resources are made. */
  readonly deployment: Deployment;
}

/** Every resource type that the local run knows. */
export function resourceTypes(context: ResourceContext): ResourceTypes {
  const { standIns, operator, account, apiUrl, deployment } = context;
  const place = { region: operator.region, account };
  return {
    ...apiGatewayTypes(apiUrl, deployment),
    ...certificateTypes(standIns.acm),
    ...cloudFrontTypes(account, deployment),
    ...cognitoTypes(standIns.cognito, deployment, place),
    ...dynamoDbTypes(operator, deployment),
    ...ec2Types(),
    ...ecsTypes(place, deployment),
    ...eventsTypes(place, deployment),
    ...iamTypes(account, deployment),
    ...kmsTypes(standIns.kms, deployment),
    ...lambdaTypes(place, deployment),
    ...loadBalancingTypes(place, deployment),
    ...observabilityTypes(place, deployment),
    ...route53Types(standIns.route53, operator, deployment),
    ...s3Types(operator, deployment),
    ...schedulerTypes(place, deployment),
    ...sesTypes(standIns.ses, place, deployment),
    ...sesInboundTypes(place, deployment, standIns.ses),
    ...snsTypes(operator, account, deployment),
    ...sqsTypes(operator, account, deployment),
  };
}
