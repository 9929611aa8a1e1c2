import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import type { SettingOf } from '#shared/runtime/variables.ts';
import type { ConfiguredSetting } from '../settings.ts';
import {
  connectEventSources,
  consumedQueues,
  failedEvents,
  failuresQueue,
} from './event-sources.ts';
import { alarmOnFunction } from './function-alarms.ts';
import { useQueuesAndBus, useSecretsKey, useTables, useWrappingKey } from './function-rights.ts';
import { lambdaFunction } from './lambda-function.ts';
import { allow, type Permission } from './permission.ts';
import type { Service } from './service.ts';

/** The settings that only the stack can give, since they need a construct. */
type Given<Declaration> = Exclude<SettingOf<Declaration>, ConfiguredSetting>;

interface CommonProps {
  readonly service: Service;
  /** Construct id of the queue for what failed. @default `<id>Failures` */
  readonly failuresId?: string;
  /** Calls at once on its queue, where the configuration says. @default the declaration's */
  readonly concurrency?: number;
  /** Calls at once that Lambda keeps for it; 0 keeps none. @default 0 */
  readonly keptConcurrency?: number;
  /** Expressions of schedules, where the configuration says. @default the declaration's */
  readonly schedules?: Readonly<Record<string, string>>;
}

export type ServiceFunctionProps<Declaration extends FunctionDeclaration> = CommonProps & {
  readonly declaration: Declaration;
} & ([Given<Declaration>] extends [never]
    ? { readonly environment?: Record<string, never> }
    : { readonly environment: Readonly<Record<Given<Declaration>, string>> });

interface Props extends CommonProps {
  readonly declaration: FunctionDeclaration;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Makes a function as declared: Node 24 on arm64, bundled from its folder in lambdas/. It has a log
 * group, a role, rights on its tables, queues and the wrapping key, triggers and alarms. Its stack adds other rights
 * by `allow`; no other construct makes functions.
 */
export class ServiceFunction<
  Declaration extends FunctionDeclaration = FunctionDeclaration,
> extends Construct {
  readonly name: string;
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps<Declaration>) {
    super(scope, id);
    const given: Props = props;
    const { service, declaration, failuresId = `${id}Failures` } = given;
    this.name = declaration.name;
    const failures = failuresQueue(scope, failuresId, given);
    // Made before the function and its rights, since its own queue may take what failed.
    consumedQueues(scope, given);
    this.function = lambdaFunction(this, { ...given, failedEvents: failedEvents(given, failures) });
    useTables(this.function, declaration, service);
    useQueuesAndBus(this.function, declaration, service);
    connectEventSources(scope, this.function, { ...given, failures });
    useWrappingKey(this.function, declaration, service);
    useSecretsKey(this.function, declaration, service);
    alarmOnFunction(this, this.function, declaration, service.alarms);
  }

  /**
   * Allows exactly these actions on exactly these resources.
   *
   * @param wildcard why a resource must be a pattern; cdk-nag refuses one without a reason
   */
  allow(permission: Permission, wildcard?: string): void {
    allow(this.function, permission, wildcard);
  }
}
