/* The resources that an update must not replace, since what they hold would be lost or unreachable. */
import { readable, type Resource } from './synthesized.ts';

/** By type, the properties whose change makes CloudFormation replace the resource. */
const replacing: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::CloudFront::Distribution': [],
  'AWS::Cognito::UserPool': ['UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration'],
  'AWS::Cognito::UserPoolClient': ['GenerateSecret'],
  'AWS::Cognito::UserPoolDomain': ['Domain'],
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Scheme', 'Type', 'Name'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion'],
  'AWS::Route53::HostedZone': ['Name'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SES::ConfigurationSet': ['Name'],
  'AWS::SES::EmailIdentity': ['EmailIdentity'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};

/** A resource as CloudFormation knows it from one update to the next. */
export interface Stateful {
  readonly type: string;
  /** The properties that it would be replaced for. */
  readonly identity: Readonly<Record<string, unknown>>;
}

/** The resources that hold state, by stack and logical id. */
export function statefulOf(resources: readonly Resource[]): Record<string, Stateful> {
  const found = resources.flatMap(({ stack, id, type, properties }) => {
    const names = replacing[type];
    if (names === undefined) return [];
    const identity = Object.fromEntries(
      names.filter((name) => name in properties).map((name) => [name, readable(properties[name])]),
    );
    return [[`${stack}/${id}`, { type, identity }] as const];
  });
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
