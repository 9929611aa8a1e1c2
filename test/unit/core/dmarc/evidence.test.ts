import { describe, expect, test } from 'vitest';
import { alignedSources, evidenceOf } from '#shared/core/dmarc/evidence.ts';
import { context, givenDay, givenGroup } from '../reports/given-day.ts';

const esp = (changes = {}) =>
  givenGroup({
    source: '203.0.113.9',
    spf: false,
    signature: { domain: 'shop.example', selector: 'esp1', result: 'pass' },
    envelope: { domain: 'mail.esp.example', result: 'pass' },
    ...changes,
  });

describe('evidence', () => {
  test('is in no report about a name below the domain, which has a policy of its own', () => {
    const below = givenGroup({ scope: 'subdomain', policyDomain: 'own.shop.example' });
    expect(evidenceOf([givenDay([below])], context)).toEqual([]);
  });

  test('is in no report of several days, which names senders all the same', () => {
    const unsigned = { dkim: false, spf: false, signature: undefined, envelope: undefined };
    const days = [
      givenDay([givenGroup({ messages: 900 })], { coarseReports: ['weeks'] }),
      givenDay([givenGroup({ ...unsigned, messages: 2 })], { day: '2026-11-03' }),
    ];
    expect(evidenceOf(days, context)).toMatchObject([
      { day: '2026-11-03', source: 'ses', passed: 0, failed: 2 },
    ]);
  });

  test('is what each verified reporter saw of each source, of the domain and below it', () => {
    const days = [
      givenDay([
        givenGroup(),
        givenGroup({ source: '198.51.100.18', dkim: false, spf: false, messages: 2 }),
        givenGroup({ scope: 'subdomain', messages: 3 }),
        esp({ messages: 4 }),
      ]),
      givenDay([givenGroup({ messages: 5 })], { reporter: 'yahoo.com' }),
    ];
    const seen = { day: '2026-11-02', reporter: 'google.com' };
    expect(evidenceOf(days, context)).toEqual([
      { ...seen, source: 'ses', kind: 'service', tag: 'p', passed: 10, failed: 2, dkim: 10 },
      { ...seen, source: 'ses', kind: 'service', tag: 'sp', passed: 3, failed: 0, dkim: 3 },
      { ...seen, source: 'esp.example', kind: 'sender', tag: 'p', passed: 4, failed: 0, dkim: 4 },
      {
        ...seen,
        reporter: 'yahoo.com',
        source: 'ses',
        kind: 'service',
        tag: 'p',
        passed: 5,
        failed: 0,
        dkim: 5,
      },
    ]);
  });

  test('is not what unverified reports say, nor mail from elsewhere, nor what forwarders do to it', () => {
    const forwarded = givenGroup({ envelope: { domain: 'lists.example', result: 'pass' } });
    expect(
      evidenceOf(
        [
          givenDay([givenGroup({ messages: 1_000_000 })], { reporter: undefined }),
          givenDay([givenGroup({ scope: 'foreign' }), forwarded]),
        ],
        context,
      ),
    ).toEqual([]);
  });
});

const on = (days: number, changes = {}) =>
  Array.from({ length: days }, (_, index) =>
    givenDay([esp({ messages: 4, ...changes })], { day: `2026-11-0${index + 1}` }),
  );

const learned = (...days: Parameters<typeof evidenceOf>[0]) =>
  alignedSources(evidenceOf(days, context));

const unsigned = (messages: number) =>
  givenDay([esp({ messages, dkim: false, signature: undefined })], { day: '2026-11-05' });

describe('a source is the domain’s own by its mail that is signed', () => {
  test('on three days, ten messages and more', () => {
    expect(learned(...on(2, { messages: 100 }))).toEqual([]);
    expect(learned(...on(3, { messages: 3 }))).toEqual([]);
    expect(learned(...on(3))).toEqual(['esp.example']);
  });

  test('if that is at least half of its mail', () => {
    expect(learned(...on(3), unsigned(12))).toEqual(['esp.example']);
    expect(learned(...on(3), unsigned(13))).toEqual([]);
  });

  test('and SES as soon as any is, since sending by it requires proof', () => {
    expect(learned(givenDay([givenGroup({ messages: 1 })]))).toEqual(['ses']);
    expect(learned(givenDay([givenGroup({ dkim: false })]))).toEqual([]);
  });
});
