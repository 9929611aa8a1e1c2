import { randomUUID } from 'node:crypto';
import { HANG_UP } from './http.ts';
import type { AwsHandler, AwsRequest, Clock } from './http.ts';
import { JsonInput, jsonResponse, targetOperation } from './json-protocol.ts';
import { takeEarlierQueues } from './sqs-earlier-state.ts';
import type { Message } from './sqs-message.ts';
import { MoveTasks } from './sqs-moves.ts';
import { nameOf, operationOf, operations } from './sqs-operations.ts';
import type { OperationContext } from './sqs-operations.ts';
import { type Disorder, Queues } from './sqs-queues.ts';
import { receivedMessage } from './sqs-received.ts';
import { SqsStore } from './sqs-store.ts';
import { Waiting } from './sqs-waiting.ts';
import { inputs, parseInput } from './sqs-wire.ts';
import type { Input } from './sqs-wire.ts';

export interface SqsOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly accountId: string;
  readonly now?: Clock;
  readonly disorder?: Disorder | undefined;
}

export interface QueueView {
  readonly visible: readonly Message[];
  readonly delayed: readonly Message[];
  readonly inFlight: readonly Message[];
}

export interface Sqs {
  readonly handle: AwsHandler;
  /** The messages of a queue by their state, none of them received; undefined: there is no such queue. */
  inspect(name: string): QueueView | undefined;
  /** Puts a message in, as a service does that is allowed to. @throws AwsError where the queue does not take it */
  send(name: string, body: string, fifo?: FifoFields): Promise<void>;
  /** Makes visible what is in flight: its receivers were those of an earlier run. */
  releaseInFlight(): void;
  /** To be called when the clock was moved. */
  tick(): void;
  close(): void;
}

export interface FifoFields {
  readonly groupId: string;
  readonly deduplicationId: string;
}

/** A message is moved a little later than it may be, by so many milliseconds at the most. */
const MOVE_EVERY_MS = 50;

/** SQS: standard and FIFO queues in the JSON protocol, kept in `sqs.sqlite`. */
export function createSqs(options: SqsOptions): Sqs {
  const { stateDir, region, accountId, now = Date.now, disorder } = options;
  const store = new SqsStore(stateDir);
  takeEarlierQueues(stateDir, store, now());
  const waiting = new Waiting(now);
  let closed = false;
  const queues = new Queues({
    arnPrefix: `arn:aws:sqs:${region}:${accountId}:`,
    listener: {
      kept: (queue) => store.kept(queue),
      deleted: (queue) => {
        store.deleted(queue);
        waiting.wake(queue);
      },
      added: (queue, message) => store.added(queue, message),
      delivered: (message) => store.delivered(message),
      removed: (message) => store.removed(message),
      deduplicated: (queue, key, send) => store.deduplicated(queue, key, send),
      available: (queue) => waiting.wake(queue),
    },
    newId: randomUUID,
    disorder,
    // Beyond all that was there before, deleted messages too.
    firstSequence: Math.max(store.lastSequence() + 1, now() * 1000),
  });
  const moves = new MoveTasks(queues, (task) => store.moveTaskKept(task));
  let moving: NodeJS.Timeout | undefined;

  const move = (): void => {
    moves.step(now());
    clearTimeout(moving);
    if (moves.areRunning && !closed) moving = setTimeout(move, MOVE_EVERY_MS).unref();
  };

  for (const record of store.queues()) {
    const queue = queues.restore(record);
    for (const message of store.messages(record.name)) queue.restore(message, now());
    for (const [key, send] of store.deduplications(record.name)) {
      queue.restoreDeduplication(key, send);
    }
  }
  for (const task of store.moveTasks()) moves.restore(task);
  move();

  /** Waits for messages, if need be, and receives them unless the caller has gone. */
  const receive = async (
    input: Input<'ReceiveMessage'>,
    signal: AbortSignal | undefined,
  ): Promise<object | typeof HANG_UP> => {
    const name = nameOf(input.QueueUrl);
    const { MaxNumberOfMessages: most, VisibilityTimeout, WaitTimeSeconds } = input;
    const visibility = VisibilityTimeout === undefined ? undefined : VisibilityTimeout * 1000;
    const wait = WaitTimeSeconds === undefined ? undefined : WaitTimeSeconds * 1000;
    const deadline = now() + (wait ?? queues.named(name).settings.wait);
    for (;;) {
      if (signal?.aborted === true || closed) return HANG_UP;
      const messages = queues.receive(name, most, visibility, now());
      if (messages.length > 0) {
        const names = input.AttributeNames.concat(input.MessageSystemAttributeNames);
        const wanted = { accountId, names, attributeNames: input.MessageAttributeNames };
        return { Messages: messages.map((message) => receivedMessage(message, wanted)) };
      }
      if (now() >= deadline) return {};
      const { nextVisibleAt = Infinity } = queues.named(name);
      await waiting.forMessage(name, Math.min(deadline, nextVisibleAt), signal);
    }
  };

  const contextOf = ({ headers }: AwsRequest): OperationContext => ({
    queues,
    moves,
    newId: randomUUID,
    urlOf: (name) => `http://${headers['host'] ?? '127.0.0.1'}/${accountId}/${name}`,
    now: now(),
  });

  const answer = async (request: AwsRequest): Promise<object | typeof HANG_UP> => {
    const operation = operationOf(targetOperation(request));
    const { fields } = new JsonInput(request.body);
    if (operation === 'ReceiveMessage') {
      return receive(parseInput(inputs.ReceiveMessage, fields), request.signal);
    }
    const input = parseInput(inputs[operation], fields);
    const act = operations[operation] as (input: unknown, context: OperationContext) => object;
    const output = act(input, contextOf(request));
    if (operation === 'StartMessageMoveTask') move();
    return output;
  };

  return {
    async handle(request) {
      const output = await answer(request);
      await store.committed();
      return output === HANG_UP ? HANG_UP : jsonResponse(output, '1.0');
    },
    inspect(name) {
      if (!queues.all().some(({ record }) => record.name === name)) return undefined;
      const messages = queues.named(name).messages(now());
      const inState = (state: Message['state']) => messages.filter((each) => each.state === state);
      return {
        visible: inState('visible'),
        delayed: inState('delayed'),
        inFlight: inState('in-flight'),
      };
    },
    async send(name, body, fifo) {
      queues.send(name, { body, attributes: {}, ...fifo }, {}, now());
      await store.committed();
    },
    releaseInFlight() {
      for (const queue of queues.all()) queue.releaseInFlight(now());
    },
    tick() {
      move();
      waiting.wakeAll();
    },
    close() {
      closed = true;
      clearTimeout(moving);
      waiting.wakeAll();
      store.close();
    },
  };
}
