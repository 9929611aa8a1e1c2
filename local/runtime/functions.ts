import { devNull } from 'node:os';
import type { Caller } from './aws-call.ts';
import { accessKeyOf, type DeclaredFunction, type Deployment } from './deployment.ts';
import { LambdaFunction } from './lambda/function.ts';
import type { Internet } from './lambda/internet.ts';
import { LogFile } from './lambda/log.ts';
import type { Metrics } from '../aws/metrics.ts';
import type { MovableClock } from './movable-clock.ts';

interface Outside {
  readonly clock?: MovableClock | undefined;
  readonly internet?: Internet | undefined;
  readonly metrics?: Metrics;
}

/** Lambda counts an error of 0 or 1 for each call. */
function addCall(metrics: Metrics, name: string, succeeded: boolean): void {
  const now = Date.now();
  const of = (metric: string) => ({
    namespace: 'AWS/Lambda',
    name: metric,
    dimensions: { FunctionName: name },
  });
  metrics.add(of('Invocations'), 1, now);
  metrics.add(of('Errors'), succeeded ? 0 : 1, now);
}

/** The functions of a deployment, by ARN, ready to be invoked; none is loaded before it is. */
export class Functions {
  readonly #byArn: ReadonlyMap<string, LambdaFunction>;
  readonly #logs: readonly LogFile[];

  /**
   * @param logs the folder that each function's log file comes into
   * @param outside what the functions' clocks go by, where it is not this machine's, the stand-ins of
   * hosts on the public internet, and the metrics that calls and printed lines are added to
   */
  constructor(
    deployment: Deployment,
    caller: Omit<Caller, 'accessKeyId'>,
    logs: string,
    { clock, internet, metrics }: Outside = {},
  ) {
    const functions = new Map<string, LambdaFunction>();
    const files: LogFile[] = [];
    for (const declared of deployment.functions.values()) {
      const log = new LogFile(logs, declared.name, (entry) => metrics?.addEmbedded(entry));
      files.push(log);
      const { taskRoot, handler, timeoutSeconds, memoryMegabytes, logGroup } = declared;
      functions.set(
        declared.arn,
        new LambdaFunction(
          {
            taskRoot,
            handler,
            timeoutSeconds,
            memoryMegabytes,
            logGroup,
            functionName: declared.name,
            functionArn: declared.arn,
            environment: environmentOf(declared, caller),
            clock: clock?.shared,
            internet,
          },
          log,
          { onEnd: (succeeded) => metrics && addCall(metrics, declared.name, succeeded) },
        ),
      );
    }
    this.#byArn = functions;
    this.#logs = files;
  }

  /** @throws Error where there is no function of this ARN */
  get(arn: string): LambdaFunction {
    const found = this.#byArn.get(arn);
    if (found === undefined) throw new Error(`there is no function ${arn}`);
    return found;
  }

  /**
   * @param name the function's, with or without the deployment's prefix
   * @throws Error where there is none such
   */
  named(name: string): LambdaFunction {
    const all = [...this.#byArn.values()];
    const found =
      all.find(({ settings }) => settings.functionName === name) ??
      all.find(({ settings }) => settings.functionName.endsWith(`-${name}`));
    if (found === undefined) throw new Error(`there is no function ${name}`);
    return found;
  }

  /** Sums over all functions, as each reports it. */
  get goesOnAt(): number {
    return Math.min(...[...this.#byArn.values()].map((each) => each.goesOnAt));
  }

  /** Ends every execution environment, and with them what is under way; nothing runs after it. */
  async stop(): Promise<void> {
    await Promise.all([...this.#byArn.values()].map((each) => each.close()));
  }

  /** The same, and closes the log files. */
  async close(): Promise<void> {
    await this.stop();
    await Promise.all(this.#logs.map((log) => log.close()));
  }
}

/** The secret of every access key of a run. */
export const LOCAL_SECRET = 'local';

/** The function's own variables and those that Lambda sets. */
function environmentOf(
  { name, taskRoot, handler, memoryMegabytes, logGroup, variables }: DeclaredFunction,
  { endpoint, region }: Omit<Caller, 'accessKeyId'>,
): Record<string, string> {
  return {
    ...variables,
    _HANDLER: handler,
    AWS_ACCESS_KEY_ID: accessKeyOf(name),
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    LAMBDA_TASK_ROOT: taskRoot,
    TZ: ':UTC',
    // Lambda has no such files; those of this machine's user must not steer the functions.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
