import { expect, test } from 'vitest';
import { serviceByNetwork } from '#shared/core/reports/services/networks.ts';
import { reportTotals } from '#shared/core/reports/totals.ts';
import { context, givenDay, givenGroup } from './given-day.ts';

const failed = { dkim: false, spf: false, disposition: 'reject' } as const;
const days = [
  givenDay([
    givenGroup(),
    givenGroup({ spf: false, source: '198.51.100.18', messages: 4 }),
    givenGroup({
      ...failed,
      source: '192.0.2.1',
      signature: undefined,
      envelope: undefined,
      messages: 30,
    }),
  ]),
  givenDay([givenGroup({ messages: 1 })], { day: '2026-11-03', reports: 2 }),
  givenDay(
    [
      givenGroup({
        ...failed,
        disposition: 'quarantine',
        signature: { domain: 'shop.example', selector: 'one', result: 'fail' },
        envelope: { domain: 'lists.example', result: 'pass' },
        source: '203.0.113.7',
        messages: 2,
      }),
    ],
    { reporter: 'yahoo.com' },
  ),
  givenDay([givenGroup({ messages: 1_000_000 })], {
    reporter: undefined,
    organizations: ['google.com', 'Nobody'],
  }),
];

test('totals are of verified reports, by day, source, selector and reporter', () => {
  const totals = reportTotals(days, context);
  expect(totals.totals).toEqual({
    messages: 47,
    passed: 15,
    dkim: 15,
    spf: 11,
    quarantined: 2,
    rejected: 30,
  });
  expect(totals.days.map(({ day, messages, passed }) => [day, messages, passed])).toEqual([
    ['2026-11-02', 46, 14],
    ['2026-11-03', 1, 1],
  ]);
  expect(
    totals.sources.map(({ id, kind, messages, passed, addresses }) => [
      id,
      kind,
      messages,
      passed,
      addresses,
    ]),
  ).toEqual([
    ['192.0.2.1', 'unknown', 30, 0, ['192.0.2.1']],
    ['ses', 'service', 15, 15, ['198.51.100.17', '198.51.100.18']],
    ['lists.example', 'sender', 2, 0, ['203.0.113.7']],
  ]);
  expect(totals.selectors).toEqual([
    { selector: 'one', passed: 0, failed: 2 },
    { selector: 'zero', passed: 15, failed: 0 },
  ]);
  expect(totals.reporters).toEqual([
    { reporter: 'google.com', reports: 3, messages: 45, unreadableRows: 0 },
    { reporter: 'yahoo.com', reports: 1, messages: 2, unreadableRows: 0 },
  ]);
  expect(totals.unverified).toEqual({
    reports: 1,
    messages: 1_000_000,
    unreadableRows: 0,
    organizations: ['Nobody', 'google.com'],
  });
});

test('reports of several days are one report each, however many days have a share of them', () => {
  const share = { coarseReports: ['a', 'b'], reports: 2, unreadableRows: 0 };
  const coarse = [
    givenDay([givenGroup({ messages: 3 })], { ...share, unreadableRows: 4 }),
    givenDay([givenGroup({ messages: 4 })], { ...share, day: '2026-11-03' }),
    givenDay([givenGroup({ messages: 5 })], { day: '2026-11-03', unreadableRows: 1 }),
  ];
  expect(reportTotals(coarse, context)).toMatchObject({
    totals: { messages: 12 },
    coarse: { reports: 2, messages: 7 },
    unreadableRows: 5,
    reporters: [{ reporter: 'google.com', reports: 3, messages: 12, unreadableRows: 5 }],
  });
});

test('a report about a name below the domain counts under that name', () => {
  const below = givenGroup({ scope: 'subdomain', policyDomain: 'mail.shop.example', messages: 6 });
  const { names, totals } = reportTotals([givenDay([givenGroup(), below])], context);
  expect(totals.messages).toBe(16);
  expect(names.map(({ name, messages }) => [name, messages])).toEqual([
    ['mail.shop.example', 6],
    ['shop.example', 10],
  ]);
});

const by = (envelope: string, messages: number) =>
  givenGroup({ messages, spf: false, envelope: { domain: envelope, result: 'pass' } });

test('a source is named by the service that most of its mail comes from', () => {
  const esp = { domain: 'shop.example', selector: 'esp1', result: 'pass' } as const;
  const days = [
    givenDay([
      { ...by('u1.wl.sendgrid.net', 7), signature: esp },
      { ...by('esp.example', 3), signature: esp },
      givenGroup({ messages: 1, spf: false }),
    ]),
  ];
  const { sources } = reportTotals(days, context);
  expect(sources.map(({ id, service }) => [id, service?.name])).toEqual([
    ['sendgrid.net', 'Twilio SendGrid'],
    ['esp.example', undefined],
    ['ses', undefined],
  ]);
});

test('no report gives zeros', () => {
  expect(reportTotals([], context)).toMatchObject({
    totals: { messages: 0, passed: 0 },
    days: [],
    sources: [],
    unverified: { reports: 0 },
  });
});

test('mail that SPF and DKIM name no service for is named by its address', () => {
  const nothing = { ...failed, signature: undefined, envelope: undefined };
  const days = [
    givenDay([
      givenGroup({ ...nothing, source: '192.0.2.1' }),
      givenGroup({
        source: '192.0.2.2',
        signature: undefined,
        envelope: { domain: 'shop.example', result: 'pass' },
      }),
      givenGroup({ ...nothing, source: '203.0.113.9' }),
      givenGroup({
        source: '192.0.2.3',
        signature: undefined,
        envelope: { domain: 'mcsv.net', result: 'pass' },
      }),
    ]),
  ];
  const networks = ['ip4:192.0.2.0/24'];
  const serviceAt = serviceByNetwork([{ include: 'sendgrid.net', networks, seenAt: '' }]);
  const named = ({ id, service }: (typeof sources)[number]) => [id, service?.name];
  const { sources } = reportTotals(days, context, serviceAt);
  expect(Object.fromEntries(sources.map(named))).toEqual({
    '192.0.2.1': 'Twilio SendGrid',
    'shop.example': 'Twilio SendGrid',
    '203.0.113.9': undefined,
    'mcsv.net': 'Mailchimp',
  });
});
