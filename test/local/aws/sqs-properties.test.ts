import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../../local/aws/sqs-message.ts';
import { QueuesHarness } from './sqs-harness.ts';

const VISIBILITY = 30_000;

type Step =
  | { readonly kind: 'send'; readonly group: string; readonly delay: number }
  | { readonly kind: 'receive'; readonly most: number }
  /** Of the messages in flight, by their place among them. */
  | { readonly kind: 'delete' | 'release'; readonly which: number }
  | { readonly kind: 'wait'; readonly milliseconds: number };

const steps = (waits: readonly number[]): fc.Arbitrary<Step[]> => {
  const which = fc.nat(100);
  return fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('send' as const),
        group: fc.constantFrom('a', 'b', 'c'),
        delay: fc.constantFrom(0, 0, 5000),
      }),
      fc.record({ kind: fc.constant('receive' as const), most: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ kind: fc.constantFrom('delete' as const, 'delete' as const), which }),
      fc.record({ kind: fc.constant('release' as const), which }),
      fc.record({
        kind: fc.constant('wait' as const),
        milliseconds: fc.constantFrom(...waits),
      }),
    ),
    { maxLength: 80, size: 'max' },
  );
};

/** Does steps on a queue and knows what must be in it. */
class Run {
  readonly harness = new QueuesHarness();
  readonly #queue: string;
  /** Bodies sent and not deleted, in their order, with their group. */
  readonly kept = new Map<string, string>();
  inFlight: (Message & { until: number })[] = [];
  #sent = 0;

  constructor(queue: string) {
    this.#queue = queue;
    this.harness.create(queue, { VisibilityTimeout: String(VISIBILITY / 1000) });
  }

  do(step: Step, received: (messages: Message[]) => void): void {
    const { harness } = this;
    this.inFlight = this.inFlight.filter(({ until }) => until > harness.now);
    switch (step.kind) {
      case 'send': {
        const body = String((this.#sent += 1)).padStart(4, '0');
        const delay = this.#queue.endsWith('.fifo') ? undefined : step.delay;
        harness.send(this.#queue, body, step.group, delay);
        this.kept.set(body, step.group);
        break;
      }
      case 'receive': {
        const messages = harness.receive(this.#queue, step.most);
        received(messages);
        const until = harness.now + VISIBILITY;
        this.inFlight.push(...messages.map((message) => ({ ...message, until })));
        break;
      }
      case 'delete':
      case 'release': {
        const [message] = this.inFlight.splice(step.which % (this.inFlight.length || 1), 1);
        if (message === undefined) return;
        if (step.kind === 'release') harness.changeVisibility(this.#queue, message, 0);
        else {
          harness.delete(this.#queue, message);
          this.kept.delete(message.body);
        }
        break;
      }
      case 'wait':
        harness.now += step.milliseconds;
    }
  }
}

const bodiesOf = (messages: readonly Message[]): string[] => messages.map(({ body }) => body);

describe('any interleaving of sends, receives, deletions and visibility timeouts', () => {
  test('FIFO: each group comes in its order, and waits for its messages in flight', () => {
    fc.assert(
      fc.property(steps([1000, 10_000, VISIBILITY]), (script) => {
        const run = new Run('q.fifo');
        for (const step of script) {
          run.do(step, (messages) => {
            const locked = new Set(run.inFlight.map(({ groupId }) => groupId));
            for (const group of new Set(messages.map(({ groupId }) => groupId))) {
              const got = bodiesOf(messages.filter(({ groupId }) => groupId === group));
              const kept = [...run.kept].filter(([, of]) => of === group).map(([body]) => body);
              expect(locked.has(group)).toBe(false);
              expect(got).toEqual(kept.slice(0, got.length));
            }
          });
          expect(run.harness.all('q.fifo')).toEqual([...run.kept.keys()]);
        }
      }),
    );
  });

  test.each(['q', 'q.fifo'])(
    '%s: nothing is lost, and nothing comes twice before its time is up',
    (queue) => {
      fc.assert(
        fc.property(steps([1000, 10_000, VISIBILITY]), (script) => {
          const run = new Run(queue);
          for (const step of script) {
            run.do(step, (messages) => {
              const hidden = new Set(bodiesOf(run.inFlight));
              const got = bodiesOf(messages);
              expect(new Set(got).size).toBe(got.length);
              expect(hidden.isDisjointFrom(new Set(got))).toBe(true);
              expect(got.every((body) => run.kept.has(body))).toBe(true);
            });
          }
          run.harness.now += VISIBILITY;
          const rest: string[] = [];
          for (;;) {
            const messages = run.harness.receive(queue);
            if (messages.length === 0) break;
            for (const message of messages) run.harness.delete(queue, message);
            rest.push(...bodiesOf(messages));
          }
          expect(rest.sort()).toEqual([...run.kept.keys()]);
        }),
      );
    },
  );

  test('what waits is always received, by one receive after another', () => {
    fc.assert(
      fc.property(steps([1000]), (script) => {
        const run = new Run('q');
        for (const step of script) run.do(step, () => {});
        const { visible } = run.harness.queues.named('q').counts(run.harness.now);
        const got: string[] = [];
        while (got.length < visible) {
          const bodies = run.harness.bodies('q', 3);
          expect(bodies.length).toBe(Math.min(3, visible - got.length));
          got.push(...bodies);
        }
        expect(run.harness.bodies('q')).toEqual([]);
      }),
    );
  });
});

describe('a dead letter', () => {
  let harness: QueuesHarness;
  beforeEach(() => {
    harness = new QueuesHarness();
  });

  test.each([
    ['keeps its age in a standard queue', '', false],
    ['is as new in a FIFO queue', '.fifo', true],
  ])('%s', (_what, suffix, isRenewed) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 60, max: 86_400 }),
        fc.integer({ min: 1, max: 59 }),
        (receives, retention, failing) => {
          harness = new QueuesHarness();
          const [queue, dead] = [`q${suffix}`, `dead${suffix}`];
          const MessageRetentionPeriod = String(retention);
          harness.create(dead, { MessageRetentionPeriod });
          harness.createWithDeadLetters(queue, dead, receives, { MessageRetentionPeriod });
          const sentAt = harness.now;
          const id = harness.send(queue, 'x', 'g');
          for (let count = 1; count <= receives; count += 1) {
            expect(harness.bodies(queue, 10, 0)).toEqual(['x']);
          }
          harness.now += failing * 1000;
          const deadLetteredAt = harness.now;
          expect(harness.bodies(queue)).toEqual([]);
          expect(harness.all(queue)).toEqual([]);

          const start = isRenewed ? deadLetteredAt : sentAt;
          const [letter] = harness.queues.named(dead).messages(harness.now);
          expect(letter).toMatchObject({
            id,
            sentAt: start,
            receiveCount: receives,
            deadLetterSource: harness.arn(queue),
            deduplicationId: isRenewed ? id : undefined,
          });
          // The last moment that it is there, give or take the second that expiry may take.
          harness.now = start + retention * 1000 - 1;
          expect(harness.all(dead)).toEqual(['x']);
          harness.now += 1001;
          expect(harness.all(dead)).toEqual([]);
        },
      ),
    );
  });
});
