import type { TableName, TableUse } from './tables.ts';

/**
 * A function's declaration as data: the default export of `lambdas/<name>/function.ts`, `as const
 * satisfies FunctionDeclaration`. infra makes the function from it, with its rights and variables;
 * `environmentOf` gives the handler exactly these variables; the tests and docs/ read it too.
 */
export interface FunctionDeclaration {
  /** The names of the function, its role and its log group end in it. */
  readonly name: string;
  /** The folder in lambdas/, where a function of that folder was deployed under an older name. @default `name` */
  readonly folder?: string;
  /** Its purpose, in one sentence; the console shows it. */
  readonly description: string;
  /** Calls beyond AWS's own services, for docs/architecture.md. @default none */
  readonly callsBeside?: string;
  readonly wokenBy: Trigger;
  /** Longest run in seconds; the visibility timeout of its queue is six times as long. @default 30 */
  readonly timeout?: number;
  /** Seconds at its end in which no work begins, so that what has begun may end. @default 0 */
  readonly reserve?: number;
  /** Megabytes, and with them CPU: 1,769 are one vCPU. @default 256 */
  readonly memory?: number;
  /** The alarm on its errors and throttles: at this many errors in five minutes. @default 1 */
  readonly monitoring: { readonly severity: Severity; readonly errors?: number };
  /** Actions on each table, one right each; `Query <index>` is the right to query that index. */
  readonly tables?: { readonly [Name in TableName]?: readonly TableUse<Name>[] };
  /** Names of queues, each declared by the function that consumes it; its own too, for what waits. */
  readonly sendsTo?: readonly string[];
  /**
   * Actions on the key that wraps the DKIM private keys, under its conditions; the key's own policy
   * then names the function.
   */
  readonly wrappingKey?: readonly WrappingKeyAction[];
  /** True if it puts events on the bus. */
  readonly putsEvents?: true;
  /** Variables from the configuration (infra/settings.ts), or else from its stack. */
  readonly settings?: readonly string[];
  /** The same, for variables that may be empty. */
  readonly optionalSettings?: readonly string[];
  /** Alarms on counters of its own, by construct id. */
  readonly alarms?: Readonly<Record<string, CounterAlarm>>;
}

/** The calls that any function may make with the wrapping key: to unwrap keys, and to make them. */
export type WrappingKeyAction = 'Decrypt' | 'GenerateDataKeyPairWithoutPlaintext';

/** Construct ids are part of CloudFormation's logical ids: one that is deployed never changes. */
export type Trigger =
  /** API Gateway, by routes or as the authorizer; synchronous. */
  | { readonly api: true }
  | {
      readonly queue: QueueDeclaration;
      /** Messages per call, at most 10. */
      readonly batchSize: number;
      /** Calls at once. @default the stack's, or else Lambda's own scaling */
      readonly concurrency?: number;
    }
  | {
      /** The table whose changes it takes. */
      readonly stream: TableName;
      /** Changes per call. */
      readonly batchSize: number;
      /** Changes that failed five times. */
      readonly failures: LettersNotice;
      /** Changes that are this late. */
      readonly behind: Notice & { readonly minutes: number };
    }
  | {
      /** Schedules, by construct id. */
      readonly schedules: Readonly<Record<string, ScheduleDeclaration>>;
      /** Calls that Scheduler could not make, or that failed three times. */
      readonly failures: LettersNotice;
    };

/** A queue, declared with the function that consumes it. */
export interface QueueDeclaration {
  /** `<deployment>-<name>`, and `.fifo` where it is one. */
  readonly name: string;
  /** Ordered within a message group, with the throughput limit per group. */
  readonly fifo?: true;
  /** Its messages, by their type or in words, for docs/architecture.md. */
  readonly message: string;
  /** Messages that failed five times. */
  readonly deadLetters: LettersNotice;
  /** The oldest message is this old. */
  readonly delayed?: Notice & { readonly minutes: number };
  /** Messages that EventBridge or SNS could not put on it. */
  readonly undelivered?: LettersNotice;
  /** Puts events of the bus on it. */
  readonly events?: {
    /** The rule's construct id. */
    readonly rule: string;
    readonly description: string;
    /** Leaves out events whose type begins so. */
    readonly exceptTypes?: string;
  };
}

export interface ScheduleDeclaration {
  /** An EventBridge Scheduler expression, in UTC. @default the stack's, from the configuration */
  readonly expression?: string;
  /** Distinguishes the schedules of one function, in their names and in the event. */
  readonly task?: string;
  /** Seconds after which a late call is no longer wanted. @default 3600 */
  readonly maximumAge?: number;
}

/**
 * `urgent`: mail or DNS of customers is suffering, wake somebody. `routine`: check it within a
 * working day; the service goes on meanwhile.
 */
export type Severity = 'urgent' | 'routine';

export interface Notice {
  readonly severity: Severity;
  /** One sentence: what happened, as the person who is woken reads it. */
  readonly says: string;
  /** The article of docs/operate.md. @default `dead-letters` for a queue, else the alarm's name */
  readonly article?: string;
}

/** The alarm on a queue that people empty, with its row in docs/operate.md, in Markdown. */
export interface LettersNotice extends Notice {
  /** The letters in it, and who suffers meanwhile. */
  readonly waits: string;
  /** The action to take, and when. */
  readonly remedy: string;
}

export interface CounterAlarm extends Notice {
  /** `<deployment>-<name>`. */
  readonly name: string;
  /** A counter of `count` in log.ts, summed over the minutes. */
  readonly counter: string;
  readonly minutes: number;
  /** Alarms at this sum or above. @default 1 */
  readonly threshold?: number;
}
