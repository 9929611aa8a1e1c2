import { describe, expect, test } from 'vitest';
import { evidenceOf } from '#shared/core/dmarc/evidence.ts';
import { nextSteps } from '#shared/core/dmarc/next-step.ts';
import { policyEffects, totalEffects } from '#shared/core/dmarc/policy-effects.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { DayAggregates } from '#shared/core/reports/day.ts';
import { context, givenDay, givenGroup } from '../reports/given-day.ts';
import { thresholds } from './given-thresholds.ts';

const failing = { dkim: false, spf: false, signature: undefined, envelope: undefined } as const;
const spoofed = givenGroup({ ...failing, source: '192.0.2.1', messages: 30 });

/** Counted by hand: 60 by this service, of which 2 fail; 30 spoofed; 5 below the domain. */
const days: DayAggregates[] = [
  givenDay([
    givenGroup({ messages: 40 }),
    givenGroup({ dkim: false, spf: false, messages: 2 }),
    spoofed,
    givenGroup({ scope: 'subdomain', messages: 5 }),
    givenGroup({ scope: 'foreign', messages: 1_000 }),
    givenGroup({ scope: 'subdomain', policyDomain: 'own.shop.example', messages: 500 }),
  ]),
  givenDay([givenGroup({ messages: 18 })], { day: '2026-11-03', coarseReports: ['weeks'] }),
  givenDay([givenGroup({ messages: 9_999 })], { reporter: undefined }),
];

describe('the effects of each policy', () => {
  test('are of each source and tag, by the sums of its mail', () => {
    expect(policyEffects(days, context)).toEqual([
      {
        id: 'ses',
        kind: 'service',
        tag: 'p',
        messages: 60,
        passed: 58,
        failed: 2,
        policies: [
          { policy: 'none', delivered: 60, quarantined: 0, rejected: 0 },
          { policy: 'quarantine', delivered: 58, quarantined: 2, rejected: 0 },
          { policy: 'reject', delivered: 58, quarantined: 0, rejected: 2 },
        ],
      },
      expect.objectContaining({ id: '192.0.2.1', tag: 'p', messages: 30, failed: 30 }),
      expect.objectContaining({ id: 'ses', tag: 'sp', messages: 5, failed: 0 }),
    ]);
  });

  test('add up to the totals of each tag', () => {
    expect(totalEffects(policyEffects(days, context))).toMatchObject([
      {
        tag: 'p',
        messages: 90,
        policies: [{ delivered: 90 }, { quarantined: 32 }, { delivered: 58, rejected: 32 }],
      },
      { tag: 'sp', messages: 5, policies: [{ delivered: 5 }, { quarantined: 0 }, { rejected: 0 }] },
    ]);
    expect(totalEffects([])).toEqual([]);
  });
});

const steps = (policy: DmarcPolicy, known: readonly string[], given = days) =>
  nextSteps(
    policy,
    policyEffects(given, context),
    evidenceOf(given, context),
    new Set(known),
    thresholds,
  );

describe('the next step', () => {
  test('waits for mail of known sources, and for none of several days', () => {
    expect(steps({ p: 'none' }, ['ses'])).toEqual([
      {
        tag: 'p',
        from: 'none',
        to: 'quarantine',
        ready: false,
        why: 'Reporters saw 42 messages of your known sources; 50 are needed to judge. Confirm the sources that are yours.',
        failing: { known: 2, others: 30 },
      },
    ]);
  });

  test('names the known sources whose mail it would meet', () => {
    const more = [...days, givenDay([givenGroup({ messages: 100 })], { day: '2026-11-04' })];
    expect(steps({ p: 'quarantine', sp: 'none' }, ['ses'], more)).toMatchObject([
      {
        tag: 'p',
        to: 'reject',
        ready: false,
        why: 'Of 142 messages of your known sources 2 would have been refused, most of ses (2). Align those first.',
      },
      { tag: 'sp', from: 'none', to: 'quarantine', ready: false },
    ]);
  });

  test('is ready where nearly all mail of known sources passes', () => {
    const good = [givenDay([givenGroup({ messages: 399 }), spoofed])];
    const nearly = [...good, givenDay([givenGroup({ dkim: false, spf: false, messages: 1 })])];
    expect(steps({ p: 'none' }, ['ses'], nearly)).toMatchObject([
      {
        ready: true,
        why: 'Of 400 messages of your known sources 1 would have been put to spam, and 30 of other sources.',
        failing: { known: 1, others: 30 },
      },
    ]);
  });

  test.each<[string, DmarcPolicy]>([
    ['at reject', { p: 'reject' }],
    ['where subdomains are asked as much as the domain', { p: 'reject', sp: 'reject' }],
  ])('is none %s', (_what, policy) => {
    expect(steps(policy, ['ses'])).toEqual([]);
  });

  test('asks of subdomains no more than of the domain', () => {
    expect(steps({ p: 'none', sp: 'quarantine' }, ['ses']).map(({ tag }) => tag)).toEqual(['p']);
  });
});
