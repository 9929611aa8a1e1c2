import type { PolicyEffectsDocument } from '#shared/api/routes/policy-effects.ts';
import type { ReportsDocument } from '#shared/api/routes/reports.ts';

/** What the customer said of sources, by id. */
type Said = ReadonlyMap<string, string>;
type Source = ReportsDocument['sources'][number];

const outcomes = (messages: number, passed: number) => ({
  messages,
  passed,
  dkim: passed,
  spf: passed,
  quarantined: 0,
  rejected: 0,
  rates: { passed: passed / messages, dkim: passed / messages, spf: passed / messages },
});

/** Mails and those that pass, of each source. */
const mails = { ses: [1_200, 1_200], 'esp.example': [60, 20], '192.0.2.1': [9, 0] } as const;
const kinds = { ses: 'service', 'esp.example': 'sender', '192.0.2.1': 'unknown' } as const;
const ids = Object.keys(mails) as (keyof typeof mails)[];

/** Figures of a domain with mail of its own, of a sender that fails now and then, and of a stranger. */
export function aReportsDocument(name: string, said: Said): ReportsDocument {
  return {
    name,
    from: '2026-11-01',
    to: '2026-11-03',
    totals: outcomes(1_269, 1_220),
    days: ['2026-11-01', '2026-11-02', '2026-11-03'].map((day) => ({ day, ...outcomes(423, 406) })),
    sources: ids.map((id) => ({
      ...outcomes(mails[id][0], mails[id][1]),
      id,
      kind: kinds[id],
      addresses: id === 'ses' ? [] : ['192.0.2.1'],
      known: id === 'ses' || said.get(id) === 'confirmed',
      decision: (said.get(id) ?? 'undecided') as Source['decision'],
      service:
        id === 'esp.example'
          ? {
              name: 'An example of a newsletter service',
              align: 'Set up a DKIM domain of your own in its settings.',
              page: 'https://esp.example/align',
              read: '2026-11-01',
            }
          : null,
    })),
    selectors: [{ selector: 'zero', passed: 1_200, failed: 0, rate: 1 }],
    reporters: [{ reporter: 'google.com', reports: 3, messages: 1_269, unreadableRows: 0 }],
    names: [{ name, ...outcomes(1_269, 1_220) }],
    unreadableRows: 0,
    coarse: { reports: 0, messages: 0 },
    flaggedKeys: [],
    unverified: { reports: 0, messages: 0, unreadableRows: 0, organizations: [] },
    refused: [],
  };
}

const effectsOf = (messages: number, passed: number) => ({
  tag: 'p' as const,
  messages,
  passed,
  failed: messages - passed,
  policies: [
    { policy: 'none' as const, delivered: messages, quarantined: 0, rejected: 0 },
    {
      policy: 'quarantine' as const,
      delivered: passed,
      quarantined: messages - passed,
      rejected: 0,
    },
    { policy: 'reject' as const, delivered: passed, quarantined: 0, rejected: messages - passed },
  ],
});

/** The effects of policies on the same mail. */
export function anEffectsDocument(name: string, said: Said): PolicyEffectsDocument {
  return {
    name,
    from: '2026-11-01',
    to: '2026-11-30',
    totals: [effectsOf(1_269, 1_220)],
    sources: ids.map((id) => ({
      ...effectsOf(mails[id][0], mails[id][1]),
      id,
      kind: kinds[id],
      known: id === 'ses' || said.get(id) === 'confirmed',
    })),
    next: [
      {
        tag: 'p',
        from: 'none',
        to: 'quarantine',
        ready: false,
        why: 'Of 1260 messages of your known sources 40 would have been put to spam, most of esp.example (40). Align those first.',
        failing: { known: 40, others: 9 },
      },
    ],
  };
}
