import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Claim, ClaimStatus } from '#shared/core/model/claim.ts';
import { claimEvents, type ServiceEvent } from '#shared/core/model/event.ts';
import { eventTypes } from '#shared/core/model/events/kinds.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import { publishEvents } from '../../../../lambdas/event-publisher/publish-events.ts';
import type { DeliveryRequest } from '#shared/app/ports/queues.ts';
import { handle } from '../../../../lambdas/webhooks/deliver.ts';
import { WebhookSecrets } from '../../../../lambdas/webhooks/webhook-secrets.ts';
import { WebhookTime } from '../../../../lambdas/webhooks/webhook-time.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemorySecretBox } from '../../../fakes/secret-box.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { MemoryWebhookStore } from '../../../fakes/webhook-store.ts';

type Step = { readonly status: ClaimStatus } | { readonly signs: 0 | 1 | 2 } | 'written';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ status: fc.constantFrom<ClaimStatus>('pending', 'verified', 'at-risk', 'lost') }),
  fc.record({ signs: fc.constantFrom<0 | 1 | 2>(0, 1, 2) }),
  fc.constant<Step>('written'),
);

/** The claim after each step, and the mark by which counters separate the steps. */
function lived(steps: readonly Step[]): { claims: Claim[]; transitions: string[] } {
  let before = givenClaim();
  const claims: Claim[] = [];
  const transitions: string[] = [];
  for (const [index, one] of steps.entries()) {
    claims.push(before);
    const at = new Date(Date.parse('2026-11-20T10:00:00.000Z') + index * 1000).toISOString();
    const next = { ...before, version: before.version + 1 };
    const signing = before.keys.findIndex(({ state }) => state === 'current');
    if (one !== 'written' && 'status' in one && one.status !== before.status) {
      before = { ...next, status: one.status, statusSince: at };
      if (one.status !== 'pending') {
        transitions.push(`domain.${one.status.replace('-', '_')} at ${at}`);
      }
    } else if (one !== 'written' && 'signs' in one && one.signs !== signing) {
      const keys = before.keys.map((key, slot) =>
        slot === one.signs
          ? { ...key, state: 'current', since: at }
          : { ...key, state: key.state === 'current' ? 'previous' : key.state },
      ) as unknown as KeyRing;
      before = { ...next, keys };
      transitions.push(`domain.rotated at ${at}`);
    } else {
      before = next;
    }
  }
  return { claims: [...claims, before], transitions };
}

const image = (claim: Claim) =>
  marshall(
    { pk: 'x', sk: `claim#${claim.domain}`, ...claim },
    {
      removeUndefinedValues: true,
    },
  ) as NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

const streamOf = (claims: readonly Claim[]): DynamoDBRecord[] =>
  claims.slice(1).map((claim, index) => ({
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: String(index),
      Keys: { pk: { S: 'x' }, sk: { S: `claim#${claim.domain}` } },
      OldImage: image(claims[index]!),
      NewImage: image(claim),
    },
  }));

/**
 * The result of a call of the bus: it published all and said so; it published none; it published
 * some, and failed.
 */
type Fate = 'published' | 'failed' | 'half published, then failed';
const fates = fc.array(
  fc.constantFrom<Fate>('published', 'failed', 'half published, then failed'),
  {
    maxLength: 6,
  },
);

test('however often the stream, the bus and the queue deliver, an endpoint gets each transition once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 15 }),
      fc.integer({ min: 1, max: 7 }),
      fates,
      async (steps, batchSize, ends) => {
        const { claims, transitions } = lived(steps);
        const [{ tenant }] = claims as [Claim];
        const webhooks = new MemoryWebhookStore();
        await webhooks.add({
          id: 'wh_a',
          tenant,
          url: 'https://hooks.example.com/',
          events: eventTypes,
          secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
          createdAt: '2026-11-20T10:00:00.000Z',
        });
        const queue = new MemoryQueue<DeliveryRequest>();
        const posted: { id: string; what: string }[] = [];
        const clock = { now: () => new Date('2026-11-20T11:00:00.000Z') };
        const ports = {
          webhooks,
          queue,
          bus: new MemoryEventBus(),
          secrets: new WebhookSecrets({ webhooks, box: new MemorySecretBox(), log: () => {} }),
          time: new WebhookTime({ budgets: givenBudgets(clock).budgets, clock }),
          post: async (_url: URL, headers: Readonly<Record<string, string>>, body: string) => {
            const { type, timestamp } = JSON.parse(body) as { type: string; timestamp: string };
            posted.push({ id: headers['webhook-id']!, what: `${type} at ${timestamp}` });
            return { status: 200 };
          },
          clock,
          random: () => 0,
        };
        const left = [...ends];
        const bus = {
          put: async (events: readonly ServiceEvent[]) => {
            const fate = left.shift() ?? 'published';
            const advised =
              fate === 'published'
                ? events
                : events.slice(0, fate === 'failed' ? 0 : events.length / 2);
            for (const event of advised) await handle({ detail: event }, ports);
            if (fate !== 'published') throw new Error('the bus is gone');
          },
        };
        let rest = streamOf(claims);
        for (let turns = 0; rest.length > 0; turns += 1) {
          expect(turns).toBeLessThan(100);
          const from = await publishEvents({ bus, log: () => {} }, rest.slice(0, batchSize));
          rest =
            from === undefined
              ? rest.slice(batchSize)
              : rest.slice(rest.findIndex((one) => one.dynamodb?.SequenceNumber === from));
        }
        expect(queue.take()).toEqual([]);
        expect(posted.map(({ what }) => what).toSorted()).toEqual(transitions.toSorted());
        expect(new Set(posted.map(({ id }) => id)).size).toBe(transitions.length);
      },
    ),
  );
});

test('the simulated story has every event of a domain that a claim can cause', () => {
  const { claims } = lived([
    { status: 'verified' },
    { signs: 1 },
    { status: 'at-risk' },
    { status: 'lost' },
  ]);
  const advised = claims.slice(1).flatMap((claim, index) => claimEvents(claims[index], claim));
  expect(advised.map(({ type }) => type)).toEqual([
    'domain.verified',
    'domain.rotated',
    'domain.at_risk',
    'domain.lost',
  ]);
});
