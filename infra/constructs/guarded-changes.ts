/* oxlint-disable no-new -- a construct adds itself to its scope */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { LettersNotice } from '#shared/runtime/declaration.ts';
import { functionName, roleName } from '../names.ts';
import { DeadLetterQueue } from './service-queue.ts';
import type { Service } from './service.ts';

/** The name of the queue, after the deployment's, and its alarm. */
export const guardedChanges = {
  name: 'guarded-changes',
  severity: 'urgent',
  article: 'guarded-changes',
  says: "Somebody changed the wrapping key, or the code or the role of a function that decrypts customers' private keys.",
  waits: 'an event of CloudTrail that says who did what',
  remedy: 'now, unless it is your own deployment',
} as const satisfies LettersNotice & { readonly name: string };

/** The queue of those that EventBridge could not put there. */
export const undeliveredChanges = {
  name: 'guarded-changes-undelivered',
  severity: 'routine',
  article: 'guarded-changes',
  says: 'EventBridge could not report a change of the wrapping key, or of a function that decrypts by it.',
  waits: 'the same, where the queue did not take it',
  remedy: 'now, unless it is your own deployment',
} as const satisfies LettersNotice & { readonly name: string };

/** Every way to open the key to others, or to take it away. */
const ofKey = [
  'CreateGrant',
  'DisableKey',
  'PutKeyPolicy',
  'ReplicateKey',
  'ScheduleKeyDeletion',
  'UpdateAlias',
];
/** Lambda's names in CloudTrail end in the version of its API: `UpdateFunctionCode20150331v2`. */
const ofCode = [
  'AddPermission',
  'DeleteFunction',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
].map((prefix) => ({ prefix }));
const ofRole = [
  'AttachRolePolicy',
  'DeleteRole',
  'DeleteRolePermissionsBoundary',
  'DeleteRolePolicy',
  'DetachRolePolicy',
  'PutRolePermissionsBoundary',
  'PutRolePolicy',
  'UpdateAssumeRolePolicy',
];

/**
 * Reports changes of what keeps private keys private: the wrapping key, and the code and the role of
 * each function that may decrypt by it. The events come from CloudTrail, so only where the account has
 * a trail; those of IAM come to us-east-1 (docs/live-account.md).
 */
export class GuardedChanges extends Construct {
  readonly #queue: IQueue;
  readonly #undelivered: IQueue;

  /** @param unwrapping the declared names of the functions that may decrypt */
  constructor(
    scope: Construct,
    id: string,
    { config, alarms, wrappingKey }: Service,
    unwrapping: readonly string[],
  ) {
    super(scope, id);
    const queueOf = (
      part: string,
      { name, severity, article, says }: typeof guardedChanges | typeof undeliveredChanges,
    ) => new DeadLetterQueue(this, part, { config, alarms, name, severity, article, says }).queue;
    this.#queue = queueOf('Changes', guardedChanges);
    this.#undelivered = queueOf('Undelivered', undeliveredChanges);
    const { keyArn } = wrappingKey.key;
    const functionNames = unwrapping.map((name) => functionName(config, name));
    const arnOf = (name: string) =>
      Stack.of(this).formatArn({
        service: 'lambda',
        resource: 'function',
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    this.#report('WrappingKeyChanged', 'kms', {
      eventName: ofKey,
      resources: { ARN: [keyArn] },
    });
    this.#report('SignerCodeChanged', 'lambda', {
      eventName: ofCode,
      requestParameters: {
        functionName: functionNames.flatMap((name) => [name, arnOf(name)]),
      },
    });
    this.#report('SignerRoleChanged', 'iam', {
      eventName: ofRole,
      requestParameters: {
        roleName: unwrapping.map((name) => roleName(config, name)),
      },
    });
  }

  #report(id: string, service: string, detail: Record<string, unknown>): void {
    new Rule(this, id, {
      description: `${guardedChanges.says} (${service})`,
      eventPattern: {
        source: [`aws.${service}`],
        detailType: ['AWS API Call via CloudTrail'],
        detail: { eventSource: [`${service}.amazonaws.com`], ...detail },
      },
      targets: [new SqsQueue(this.#queue, { deadLetterQueue: this.#undelivered })],
    });
  }
}
