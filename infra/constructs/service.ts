import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { TableName } from '#shared/runtime/tables.ts';
import type { Config } from '../config.ts';
import type { Alarms } from './alarms.ts';
import type { SecretsKey } from './secrets-key.ts';
import type { NamedBucket } from './locked-bucket.ts';
import type { ServiceQueue } from './service-queue.ts';
import type { ServiceTable } from './service-table.ts';
import type { WrappingKey } from './wrapping-key.ts';

/** The values that resolve declarations, in every stack. */
export interface Service {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly tables: Readonly<Record<TableName, ServiceTable>>;
  readonly wrappingKey: WrappingKey;
  readonly secretsKey: SecretsKey;
  /** Revocations of keys. */
  readonly revocations: NamedBucket;
  /** Heads of the audit log's chains. */
  readonly auditHeads: NamedBucket;
  readonly bus: IEventBus;
  readonly queues: Queues;
}

/** The queues made so far, by the names that declarations send to. */
export class Queues {
  readonly #made = new Map<string, ServiceQueue>();

  add(name: string, queue: ServiceQueue): void {
    this.#made.set(name, queue);
  }

  /** @throws Error where the function that consumes it is made later, or not at all */
  get(name: string): ServiceQueue {
    const queue = this.#made.get(name);
    if (queue !== undefined) return queue;
    const made = [...this.#made.keys()].join(', ');
    throw new Error(
      `There is no queue ${name} yet; make the function that consumes it first. So far: ${made}`,
    );
  }
}
