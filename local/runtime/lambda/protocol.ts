/** The messages between the host and the worker thread of an execution environment. */
import type { Internet } from './internet.ts';

/** Lambda's report of a failed invocation. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export interface EnvironmentSettings {
  /** The folder that is `/var/task` on Lambda. */
  readonly taskRoot: string;
  /** File without extension, a dot, and the name of the export: `index.handler`. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
  readonly logGroup: string;
  readonly logStream: string;
  /** That of a `MovableClock`, where the run goes by one. */
  readonly clock?: SharedArrayBuffer | undefined;
  /** The stand-ins of hosts on the public internet; absent: none. */
  readonly internet?: Internet | undefined;
}

export interface Invocation {
  readonly requestId: string;
  /** The event as JSON. */
  readonly payload: string;
  /** Milliseconds since 1970 at which Lambda would end it. */
  readonly deadline: number;
}

export type FromWorker =
  | { readonly kind: 'printed'; readonly level: 'INFO' | 'ERROR'; readonly text: string }
  | { readonly kind: 'ready' }
  /** By a movable clock: when the first of the pauses ends that the invocation makes, epoch milliseconds. */
  | { readonly kind: 'pausing'; readonly until: number | undefined }
  | { readonly kind: 'init-failed'; readonly error: FunctionError }
  | { readonly kind: 'answered'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: FunctionError };

/** An exception in the form that Lambda gives it. */
export function functionError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}
