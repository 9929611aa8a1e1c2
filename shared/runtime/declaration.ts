import type { TableName, TableUse } from './tables.ts';

/**
 * The uses that any code of the service has of the rest of it: infra makes rights and variables from
 * them, `environmentOf` gives the code exactly these variables.
 */
export interface Uses {
  /** The names of the code, its role and its log group end in it. */
  readonly name: string;
  /** Its purpose, in one sentence; the console shows it. */
  readonly description: string;
  /** Actions on each table, one right each; `Query <index>` is the right to query that index. */
  readonly tables?: { readonly [Name in TableName]?: readonly TableUse<Name>[] };
  /** Names of queues, each declared by the function that consumes it; its own too, for what waits. */
  readonly sendsTo?: readonly string[];
  /**
   * Actions on the key that wraps the DKIM private keys, under its conditions; the key's own policy
   * then names the function.
   */
  readonly wrappingKey?: readonly WrappingKeyAction[];
  /** Calls with the key that seals secrets of tenants, by what the secrets are for. */
  readonly secretsKey?: { readonly [Purpose in SecretPurpose]?: readonly SecretsKeyAction[] };
  /** True if it puts events on the bus. */
  readonly putsEvents?: true;
  /** Variables from the configuration (infra/settings.ts), or else from its stack. */
  readonly settings?: readonly string[];
  /** The same, for variables that may be empty. */
  readonly optionalSettings?: readonly string[];
}

/** A service in containers, as data: the default export of its `service.ts`. */
export interface ContainerDeclaration extends Uses {
  /** Units of CPU of a task: 1,024 are one vCPU. */
  readonly cpu: number;
  /** Megabytes of a task. */
  readonly memory: number;
  /** The ports that it listens on, by what they are for. */
  readonly ports: Readonly<Record<string, number>>;
  /** Seconds that a task has to end, at most 120. */
  readonly stopTimeout: number;
  /** Alarms on counters of its own, by construct id. */
  readonly alarms?: Readonly<Record<string, CounterAlarm>>;
}

/**
 * A function's declaration as data: the default export of `lambdas/<name>/function.ts`, `as const
 * satisfies FunctionDeclaration`. infra makes the function from it, with its rights and variables;
 * the tests and docs/ read it too.
 */
export interface FunctionDeclaration extends Uses {
  /** The folder in lambdas/, where a function of that folder was deployed under an older name. @default `name` */
  readonly folder?: string;
  /** Calls beyond AWS's own services, for docs/architecture.md. @default none */
  readonly callsBeside?: string;
  readonly wokenBy: Trigger;
  /** Longest run in seconds; the visibility timeout of its queue is six times as long. @default 30 */
  readonly timeout?: number;
  /** Seconds at its end in which no work begins, so that what has begun may end. @default 0 */
  readonly reserve?: number;
  /** Megabytes, and with them CPU: 1,769 are one vCPU. @default 256 */
  readonly memory?: number;
  /**
   * An alarm on each error, where no other says in time that the function fails. Others do for a
   * queue (its dead letters), a stream (its failures), a schedule (calls that did not succeed) and
   * routes (what the API answers with 5xx).
   */
  readonly monitoring?: { readonly severity: Severity };
  /** Alarms on counters of its own, by construct id. */
  readonly alarms?: Readonly<Record<string, CounterAlarm>>;
}

/** The calls that any function may make with the wrapping key: to unwrap keys, and to make them. */
export type WrappingKeyAction = 'Decrypt' | 'GenerateDataKeyPairWithoutPlaintext';

/** What the secrets of tenants are for that a key seals; part of their encryption context. */
export type SecretPurpose = 'webhook' | 'answer';

/** The calls of KMS that seal a secret and open it. */
export type SecretsKeyAction = 'Encrypt' | 'Decrypt';

/** Construct ids are part of CloudFormation's logical ids: one that is deployed never changes. */
export type Trigger =
  /** API Gateway, by routes or as the authorizer; synchronous. */
  | { readonly api: true }
  /** CloudFront, through a route of API Gateway that is no part of the API; synchronous. */
  | { readonly distribution: true }
  /** Cognito, before it sends a mail to a user; synchronous, within 5 s. */
  | { readonly userPool: 'CustomMessage' }
  | {
      readonly queue: QueueDeclaration;
      /** Messages per call, at most 10. */
      readonly batchSize: number;
      /**
       * True if a topic of its stack invokes it, asynchronously, with one message a call. The queue
       * then has the calls that failed; `undelivered` those that SNS could not make.
       */
      readonly topic?: true;
      /** Calls at once. @default the stack's, or else Lambda's own scaling */
      readonly concurrency?: number;
      /** A second queue, for what must not wait behind the messages of the first. */
      readonly urgent?: {
        readonly queue: QueueDeclaration;
        readonly batchSize: number;
        readonly concurrency: number;
      };
      /**
       * The queue that it replaced, read for one release more: it may hold messages, and stacks that
       * are deployed later still send to it.
       */
      readonly formerQueue?: QueueDeclaration;
    }
  | {
      /** The table whose changes it takes. */
      readonly stream: TableName;
      /** Changes per call. */
      readonly batchSize: number;
      /** Changes that failed five times. */
      readonly failures: LettersNotice;
      /** Changes that are this late, where customers suffer; others may wait for their failures. */
      readonly behind?: Notice & { readonly minutes: number };
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
  /**
   * True if what nobody receives is kept for 14 days, not 4: for messages that nothing else has. Its dead
   * letters, which keep their age, may then be gone soon after.
   */
  readonly keepsLongest?: true;
  /** Messages that failed five times. */
  readonly deadLetters: LettersNotice;
  /**
   * The oldest message is this old. Where a message is sent again while it waits, the function
   * measures their age, in seconds, under the name `measure`.
   */
  readonly delayed?: Notice & { readonly minutes: number; readonly measure?: string };
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
  /**
   * How often it calls: an alarm fires where no call has succeeded for a while. A `month` is longer
   * than an alarm can wait, so the function itself counts what it missed.
   */
  readonly every: 'minute' | 'hour' | 'day' | 'month';
  /**
   * The counter that each call adds to that succeeded, where the function has other schedules too:
   * the metrics of Lambda do not keep their calls apart.
   */
  readonly succeeded?: string;
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

/** Returns the queues that a function consumes, the urgent one and the one it replaced last. */
export const queuesOf = (wokenBy: Trigger): readonly QueueDeclaration[] =>
  'queue' in wokenBy
    ? [wokenBy.queue, wokenBy.urgent?.queue, wokenBy.formerQueue].filter(
        (queue) => queue !== undefined,
      )
    : [];
