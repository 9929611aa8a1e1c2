import { Server, type ListenOptions } from 'node:net';
import type { DatabaseSync } from 'node:sqlite';

/** What is used of a FIFO queue inside fauxqs. */
interface FifoQueue {
  readonly inflightMessages: Map<
    string,
    { readonly message: { readonly messageGroupId?: string } }
  >;
  readonly fifoLockedGroups: Map<string, number>;
}

interface Received {
  readonly ReceiptHandle: string;
}

type Dequeue = (
  this: FifoQueue,
  count: number,
  visibilityTimeout?: number,
  deadLetterQueue?: unknown,
) => Received[];

/** SQS gives at most so many messages in one receive. */
const RECEIVE_LIMIT = 10;
const repaired = new WeakSet<Dequeue>();

/** What is used of the store that fauxqs keeps queues in. */
interface Persistence {
  readonly db: DatabaseSync;
  updateMessageReady?: (this: Persistence, messageId: string) => void;
}

/**
 * Repairs what the installed fauxqs does otherwise than SQS. A receive gives one message of a FIFO
 * group, where SQS gives as many as there are in their order, so that a function would never see a
 * batch of a group. And a message that is made visible again (ChangeMessageVisibility to 0) is lost,
 * since its receive count cannot be stored.
 *
 * @throws Error where the installed fauxqs has no such methods any more
 */
export async function repairFauxqs(): Promise<void> {
  const { SqsQueue } = (await inside('sqs/sqsStore.js')) as {
    SqsQueue: { prototype: { dequeueFifo?: Dequeue } };
  };
  const { PersistenceManager } = (await inside('persistence.js')) as {
    PersistenceManager: { prototype: Persistence };
  };
  const { dequeueFifo } = SqsQueue.prototype;
  const { prototype } = PersistenceManager;
  if (dequeueFifo === undefined || prototype.updateMessageReady === undefined) {
    throw new Error(
      'this version of fauxqs works in another way: install the one of the lock file',
    );
  }
  if (repaired.has(dequeueFifo)) return;
  SqsQueue.prototype.dequeueFifo = givingRuns(dequeueFifo);
  repaired.add(SqsQueue.prototype.dequeueFifo);
  prototype.updateMessageReady = makeReady;
}

const inside = async (file: string): Promise<unknown> =>
  import(new URL(file, import.meta.resolve('fauxqs')).href);

function makeReady(this: Persistence, messageId: string): void {
  this.db
    .prepare(
      'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
    )
    .run(messageId);
}

/**
 * Starts fauxqs where only this machine reaches it: it listens on every interface whatever host it is
 * given, and asks nobody who they are.
 */
export async function onLoopback<Started>(start: () => Promise<Started>): Promise<Started> {
  const { prototype } = Server;
  // oxlint-disable-next-line typescript/unbound-method -- it is called with the server it is called on
  const listen = prototype.listen as (this: Server, ...rest: unknown[]) => Server;
  const here = function listenHere(this: Server, ...rest: unknown[]): Server {
    const [options, ...others] = rest;
    const everywhere = (options as ListenOptions | undefined)?.host === '0.0.0.0';
    return everywhere
      ? listen.call(this, { ...(options as ListenOptions), host: '127.0.0.1' }, ...others)
      : listen.apply(this, rest);
  };
  prototype.listen = here;
  try {
    return await start();
  } finally {
    prototype.listen = listen;
  }
}

/** Receives again from the groups that it has just received from, until the limit or their end. */
const givingRuns = (one: Dequeue): Dequeue =>
  function dequeueRuns(count, ...rest) {
    const limit = Math.min(count, RECEIVE_LIMIT);
    const received = one.call(this, limit, ...rest);
    for (let last = received; last.length > 0 && received.length < limit;) {
      const unlock = lockedBy(this, last);
      for (const group of unlock.keys()) this.fifoLockedGroups.delete(group);
      last = one.call(this, limit - received.length, ...rest);
      for (const [group, locks] of unlock) {
        this.fifoLockedGroups.set(group, locks + (this.fifoLockedGroups.get(group) ?? 0));
      }
      received.push(...last);
    }
    putLastFirst(this, received);
    return received;
  };

/** The groups of what was just received, each with its count of messages in flight. */
function lockedBy(queue: FifoQueue, received: readonly Received[]): Map<string, number> {
  const groups = received.map(
    ({ ReceiptHandle }) => queue.inflightMessages.get(ReceiptHandle)?.message.messageGroupId ?? '',
  );
  return new Map(groups.map((group) => [group, queue.fifoLockedGroups.get(group) ?? 0]));
}

/**
 * When visibility ends fauxqs puts messages back one after the other, each before those of its
 * group: in the order of receiving, that would turn the group round.
 */
function putLastFirst({ inflightMessages }: FifoQueue, received: readonly Received[]): void {
  for (const { ReceiptHandle } of received.toReversed()) {
    const entry = inflightMessages.get(ReceiptHandle);
    if (entry === undefined) continue;
    inflightMessages.delete(ReceiptHandle);
    inflightMessages.set(ReceiptHandle, entry);
  }
}
