import type { DeclaredAlarm } from '../aws/alarms.ts';
import type { Policy, Principal } from '../aws/iam.ts';

/** A role and what its policies allow. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly trusts: readonly ServiceStatement[];
  /** Grows as policies are attached to it. */
  readonly policies: Policy[];
}

/** A statement that is about an AWS service: who may assume a role, or use a queue, topic or function. */
export interface ServiceStatement {
  readonly service: string;
  allows(action: string, resource: string, source: SourceContext): boolean;
}

/** For whom a service calls. */
export interface SourceContext {
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

export interface DeclaredFunction {
  readonly name: string;
  readonly arn: string;
  readonly role: Role;
  readonly taskRoot: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly deadLetterArn: string | undefined;
  /** Further tries of an asynchronous call that failed. */
  readonly asyncRetries: number;
}

/** A container that runs Node, and the task definition's word on it. */
export interface DeclaredContainer {
  readonly name: string;
  readonly role: Role;
  /** The JavaScript file that it runs. */
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Paths in the container that it may write to; a variable may name one. */
  readonly folders: readonly string[];
  readonly ports: readonly number[];
  readonly memoryMegabytes: number;
  readonly stopSeconds: number;
}

export interface DeclaredQueue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
}

export interface DeclaredQueueMapping {
  readonly kind: 'queue';
  readonly function: DeclaredFunction;
  readonly queue: DeclaredQueue;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  readonly concurrency: number | undefined;
}

export interface DeclaredStreamMapping {
  readonly kind: 'stream';
  readonly id: string;
  readonly function: DeclaredFunction;
  readonly streamArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  readonly bisects: boolean;
  readonly maximumRetries: number;
  readonly maximumRecordAge: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly failureQueueArn: string | undefined;
}

export interface DeclaredAuthorizer {
  readonly id: string;
  readonly functionArn: string;
  readonly identitySources: readonly string[];
}

export interface DeclaredIntegration {
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
}

export interface DeclaredRoute {
  readonly routeKey: string;
  readonly integrationId: string;
  readonly authorizerId: string | undefined;
}

/** The throttling of one route: `burst` requests at once, then `perSecond`. */
export interface DeclaredThrottle {
  readonly burst: number;
  readonly perSecond: number;
}

export interface DeclaredApi {
  readonly id: string;
  readonly name: string;
  stage: string | undefined;
  readonly authorizers: Map<string, DeclaredAuthorizer>;
  readonly integrations: Map<string, DeclaredIntegration>;
  readonly routes: DeclaredRoute[];
  /** By route key. */
  readonly throttles: Map<string, DeclaredThrottle>;
}

export interface DeclaredSubscription {
  readonly topicArn: string;
  /** The ARN of a queue or of a function. */
  readonly endpoint: string;
  readonly protocol: 'sqs' | 'lambda';
}

export interface DeclaredSchedule {
  readonly arn: string;
  readonly name: string;
  readonly expression: string;
  readonly role: Role;
  readonly functionArn: string;
  /** The payload; `<aws.scheduler.scheduled-time>` in it becomes the time it was due. */
  readonly input: string;
  readonly maximumAgeSeconds: number;
  readonly maximumRetries: number;
  readonly deadLetterArn: string | undefined;
}

export interface DeclaredSesEvents {
  readonly configurationSetName: string;
  readonly configurationSetArn: string;
  readonly topicArn: string;
  /** As SES names them in events: `Send`, `DeliveryDelay`. */
  readonly eventTypes: readonly string[];
}

/** The value that a field of an event must have: this very text, or any that does not begin so. */
export type ValuePattern = string | { readonly 'anything-but': { readonly prefix: string } };

/** A rule's target: the queue that events of a bus go to where they match. */
export interface DeclaredEventRule {
  readonly arn: string;
  readonly bus: string;
  /** Any, where it is absent. */
  readonly sources: readonly string[] | undefined;
  readonly detailTypes: readonly ValuePattern[] | undefined;
  readonly queueArn: string;
  readonly deadLetterArn: string | undefined;
}

/** A header field that a distribution sets, even where the origin has set it or only where not. */
export interface Header {
  readonly name: string;
  readonly value: string;
  readonly override: boolean;
}

/** How a distribution answers some addresses: from the HTTP API, its only origin here. */
export interface DeclaredBehavior {
  /** The beginning of the addresses. */
  readonly prefix: string;
  /** Set before an address where the origin is asked. */
  readonly originPath: string;
  /** The code of the CloudFront function that rewrites addresses first. */
  readonly rewrite: string | undefined;
  /** True if answers are kept as long as they say. */
  readonly caches: boolean;
  readonly headers: readonly Header[];
}

/** A distribution of CloudFront. */
export interface DeclaredDistribution {
  readonly defaultBehavior: DeclaredBehavior;
  readonly behaviors: readonly DeclaredBehavior[];
}

/** The function that writes the mails of a user pool. */
export interface DeclaredUserPoolTrigger {
  readonly pool: string;
  readonly arn: string;
  readonly functionArn: string;
}

/** A rule of SES's receiving side: stores mail and notifies a topic of it. */
export interface DeclaredReceiptRule {
  readonly arn: string;
  readonly recipients: readonly string[];
  readonly bucket: string;
  readonly prefix: string;
  readonly topicArn: string;
}

/**
 * The declarations of templates to run, connect or check, filled while they are interpreted.
 * Resources that only have to exist (tables, zones, keys) are in the stand-ins.
 */
export class Deployment {
  readonly roles = new Map<string, Role>();
  /** By ARN. */
  readonly functions = new Map<string, DeclaredFunction>();
  /** By ARN. */
  readonly queues = new Map<string, DeclaredQueue>();
  readonly topics = new Set<string>();
  readonly alarms: DeclaredAlarm[] = [];
  readonly streamArns: string[] = [];
  readonly mappings: (DeclaredQueueMapping | DeclaredStreamMapping)[] = [];
  readonly subscriptions: DeclaredSubscription[] = [];
  readonly schedules: DeclaredSchedule[] = [];
  readonly userPoolTriggers: DeclaredUserPoolTrigger[] = [];
  readonly sesEventTopics: DeclaredSesEvents[] = [];
  /** By name. */
  readonly eventBuses = new Set<string>();
  readonly eventRules: DeclaredEventRule[] = [];
  readonly containers: DeclaredContainer[] = [];
  /** DNS names of load balancers. */
  readonly loadBalancers = new Set<string>();
  /** The ports of containers, by the ARN of their target group. */
  readonly targetPorts = new Map<string, number>();
  /** The ports of containers, by the port of the load balancer that leads to them. */
  readonly listeners = new Map<number, number>();
  readonly receiptRules: DeclaredReceiptRule[] = [];
  /** By domain: the CNAMEs that prove each to SES. */
  readonly emailIdentities = new Map<string, readonly { name: string; value: string }[]>();
  /** By id. */
  readonly apis = new Map<string, DeclaredApi>();
  /** By id. */
  readonly distributions = new Map<string, DeclaredDistribution>();
  /** Callers by access key id. */
  readonly principals = new Map<string, Principal>();
  /**
   * The statements of resource policies about callers with an access key, by the ARN of the
   * resource.
   */
  readonly resourcePolicies = new Map<string, Policy>();
  /** The statements of resource policies about AWS services, by the ARN of the resource. */
  readonly serviceStatements = new Map<string, ServiceStatement[]>();

  /** @throws Error where the templates declare no function of this ARN */
  function(arn: string): DeclaredFunction {
    const found = this.functions.get(arn);
    if (found === undefined) throw new Error(`no function ${arn} was declared before`);
    return found;
  }

  /** @throws Error where the templates declare no queue of this ARN */
  queue(arn: string): DeclaredQueue {
    const found = this.queues.get(arn);
    if (found === undefined) throw new Error(`no queue ${arn} was declared before`);
    return found;
  }

  /** @throws Error where the templates declare no API of this id */
  api(id: string): DeclaredApi {
    const found = this.apis.get(id);
    if (found === undefined) throw new Error(`no API ${id} was declared before`);
    return found;
  }
}

/** The access key id that a function calls the gateway with. */
export const accessKeyOf = (functionName: string): string => `function-${functionName}`;
/** The access key id of who runs the deployment: tools, tests, and what CloudFormation would do. */
export const OPERATOR_KEY = 'operator';
