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
const patched = new WeakSet<object>();

/**
 * Lets fauxqs give several messages of one FIFO group in one receive, in their order, as SQS does;
 * by itself it gives one, so that a function would never see a batch of a group.
 *
 * @throws Error where the installed fauxqs has no such method any more
 */
export async function giveFifoRuns(): Promise<void> {
  const file = new URL('sqs/sqsStore.js', import.meta.resolve('fauxqs'));
  const { SqsQueue } = (await import(file.href)) as {
    SqsQueue: { prototype: { dequeueFifo?: Dequeue } };
  };
  const { prototype } = SqsQueue;
  const one = prototype.dequeueFifo;
  if (one === undefined) throw new Error('this version of fauxqs receives in another way; pin it');
  if (patched.has(prototype)) return;
  patched.add(prototype);
  prototype.dequeueFifo = function dequeueRuns(count, ...rest) {
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
}

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
