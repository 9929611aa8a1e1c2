import { beforeEach, describe, expect, test } from 'vitest';
import { planDocument } from '#shared/api/routes/dmarc-plan.ts';
import { policyEffectsDocument } from '#shared/api/routes/policy-effects.ts';
import type { ReportsDocument } from '#shared/api/routes/reports.ts';
import { reportsDocument } from '#shared/api/routes/reports.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenGroup } from '../../core/reports/given-day.ts';
import { givenTestEnvironment } from './test-environment.ts';

type TestEnvironment = ReturnType<typeof givenTestEnvironment>;
let testEnvironment: TestEnvironment;

const claim = async (): Promise<Claim> =>
  (await testEnvironment.claims.get({
    tenant: testEnvironment.tenant,
    domain: 'shop.example' as never,
  }))!;

const ask = async (query = {}, as?: Parameters<TestEnvironment['ask']>[2]) => {
  const answer = await testEnvironment.ask('GET', '/v1/domains/shop.example/reports', {
    query,
    ...as,
  });
  return { ...answer, reports: answer.body as unknown as ReportsDocument };
};

const add = async (day: string, reporter: string | undefined, messages = 10): Promise<void> => {
  await testEnvironment.reports.add({
    label: (await claim()).label,
    day,
    reporter,
    key: `${day} ${reporter}`,
    earlierKey: undefined,
    coarse: false,
    unreadableRows: 0,
    organization: reporter ?? 'Anybody',
    groups: [
      givenGroup({ messages }),
      givenGroup({
        messages: 30,
        source: '192.0.2.1',
        dkim: false,
        spf: false,
        disposition: 'reject',
        signature: undefined,
        envelope: undefined,
      }),
    ],
  });
};

beforeEach(async () => {
  testEnvironment = givenTestEnvironment();
  await testEnvironment.claim('shop.example');
});

test('an address of a known service has its name', async () => {
  await add('2026-11-20', 'google.com');
  await testEnvironment.serviceNetworks.put({
    include: 'sendgrid.net',
    networks: ['ip4:192.0.2.0/28'],
    seenAt: '2026-11-20T03:20:00.000Z',
  });
  const { reports } = await ask();
  const named = reports.sources.map(({ id, service }) => [id, service?.name]);
  expect(Object.fromEntries(named)).toMatchObject({ '192.0.2.1': 'Twilio SendGrid' });
});

const patch = (dmarc: unknown) =>
  testEnvironment.ask('PATCH', '/v1/domains/shop.example', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dmarc }),
  });

describe('GET reports', () => {
  test('of a new domain has nothing, for the last 30 days', async () => {
    const { status, reports } = await ask();
    expect(status).toBe(200);
    expect(reports).toMatchObject({
      name: 'shop.example',
      from: '2026-10-21',
      to: '2026-11-20',
      totals: { messages: 0, rates: { passed: null, dkim: null, spf: null } },
      days: [],
      sources: [],
      unverified: { reports: 0 },
      flaggedKeys: [],
      refused: [],
    });
  });

  test('has totals and rates by day, source, selector and reporter, unverified ones apart', async () => {
    await add('2026-11-18', 'google.com');
    await add('2026-11-19', 'yahoo.com', 20);
    await add('2026-11-19', undefined, 1_000);
    await add('2026-09-01', 'google.com');
    await testEnvironment.reports.refuse((await claim()).label, '2026-11-19', {
      at: '2026-11-19T08:00:00.000Z',
      reason: 'truncated',
      detail: 'It ends too early.',
      key: 'reports/secret-place',
    });
    const { reports, text } = await ask();
    expect(() => reportsDocument.parse(reports)).not.toThrow();
    expect(reports.totals).toEqual({
      messages: 90,
      passed: 30,
      dkim: 30,
      spf: 30,
      quarantined: 0,
      rejected: 60,
      rates: { passed: 1 / 3, dkim: 1 / 3, spf: 1 / 3 },
    });
    expect(reports.days.map(({ day, messages }) => [day, messages])).toEqual([
      ['2026-11-18', 40],
      ['2026-11-19', 50],
    ]);
    expect(
      reports.sources.map(({ id, kind, known, messages }) => [id, kind, known, messages]),
    ).toEqual([
      ['192.0.2.1', 'unknown', false, 60],
      ['ses', 'service', false, 30],
    ]);
    expect(reports.selectors).toEqual([{ selector: 'zero', passed: 30, failed: 0, rate: 1 }]);
    expect(reports.reporters.map(({ reporter }) => reporter)).toEqual(['google.com', 'yahoo.com']);
    expect(reports.unverified).toEqual({
      reports: 1,
      messages: 1_030,
      unreadableRows: 0,
      organizations: ['Anybody'],
    });
    expect(reports.refused).toEqual([
      {
        day: '2026-11-19',
        counts: { truncated: 1 },
        last: [
          {
            at: '2026-11-19T08:00:00.000Z',
            reason: 'truncated',
            detail: 'It ends too early.',
            reporter: null,
          },
        ],
      },
    ]);
    expect(text).not.toContain('secret-place');
  });

  test('has the rows that cannot be read, the reports of several days, and names below', async () => {
    const { label } = await claim();
    const common = { label, reporter: 'google.com', earlierKey: undefined, organization: 'G' };
    await testEnvironment.reports.add({
      ...common,
      day: '2026-11-18',
      key: 'a',
      coarse: false,
      unreadableRows: 3,
      groups: [givenGroup(), givenGroup({ policyDomain: 'news.shop.example', messages: 4 })],
    });
    for (const day of ['2026-11-18', '2026-11-19']) {
      const share = { coarse: true, unreadableRows: 0, groups: [givenGroup({ messages: 5 })] };
      await testEnvironment.reports.add({ ...common, ...share, day, key: 'weeks' });
    }
    const { reports } = await ask();
    expect(() => reportsDocument.parse(reports)).not.toThrow();
    expect(reports).toMatchObject({
      totals: { messages: 24 },
      unreadableRows: 3,
      coarse: { reports: 1, messages: 10 },
      reporters: [{ reporter: 'google.com', reports: 2, messages: 24, unreadableRows: 3 }],
      names: [
        { name: 'news.shop.example', messages: 4, rates: { passed: 1 } },
        { name: 'shop.example', messages: 20 },
      ],
    });
  });

  test('shows which sources count for the plan', async () => {
    await add('2026-11-19', 'google.com');
    await testEnvironment.ask('PATCH', '/v1/domains/shop.example', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dmarc: { plan: { confirmed: ['ses'] } } }),
    });
    const { reports } = await ask();
    expect(reports.sources.map(({ id, known }) => [id, known])).toEqual([
      ['192.0.2.1', false],
      ['ses', true],
    ]);
  });

  test('is of the days asked for', async () => {
    await add('2026-11-18', 'google.com');
    await add('2026-11-19', 'google.com');
    const { reports } = await ask({ from: '2026-11-18', to: '2026-11-18' });
    expect(reports.days.map(({ day }) => day)).toEqual(['2026-11-18']);
  });

  test.each([
    [{ from: 'yesterday' }],
    [{ from: '2026-11-19', to: '2026-11-18' }],
    [{ from: '2026-01-01', to: '2026-11-18' }],
  ])('refuses %j', async (query) => {
    const { status, body } = await ask(query);
    expect([status, body['code']]).toEqual([400, 'invalid-parameter']);
  });

  test('is not found for anybody else', async () => {
    await add('2026-11-18', 'google.com');
    const { status } = await ask({}, { as: givenTenant() });
    expect(status).toBe(404);
  });
});

describe('PATCH dmarc plan', () => {
  test('begins a plan, which the domain then shows', async () => {
    const { status, body } = await patch({ plan: {} });
    expect(status).toBe(200);
    expect(body.dmarc).toMatchObject({
      p: 'none',
      sp: 'none',
      plan: {
        startsAt: testEnvironment.now(),
        ceiling: 'quarantine',
        consent: { reject: null, none: null },
        confirmed: [],
        ignored: [],
        known: [],
        since: { p: testEnvironment.now(), sp: testEnvironment.now() },
        held: null,
      },
      history: [],
    });
    const read = await testEnvironment.ask('GET', '/v1/domains/shop.example');
    expect(read.body.dmarc).toEqual(body.dmarc);
  });

  test('wants consent for reject', async () => {
    const refused = await patch({ plan: { ceiling: 'reject' } });
    expect([refused.status, refused.body['code']]).toEqual([422, 'dmarc-invalid']);
    const agreed = await patch({ plan: { ceiling: 'reject', consent: { reject: true } } });
    expect(agreed.body.dmarc?.plan).toMatchObject({
      ceiling: 'reject',
      consent: { reject: testEnvironment.now(), none: null },
    });
  });

  test('with a policy sets that first, and begins the plan from there', async () => {
    const { body } = await patch({ p: 'quarantine', sp: null, plan: {} });
    expect(body.dmarc).toMatchObject({
      p: 'quarantine',
      sp: 'quarantine',
      history: [
        { tag: 'p', from: 'none', to: 'quarantine', why: 'Changed by hand.' },
        { tag: 'sp', from: 'none', to: 'quarantine', why: 'Changed by hand.' },
      ],
    });
  });

  test('of null ends it and leaves the policy; the same again writes nothing', async () => {
    await patch({ plan: {} });
    const { version } = await claim();
    await patch({ plan: {} });
    expect((await claim()).version).toBe(version);
    const { body } = await patch({ plan: null });
    expect(body.dmarc).toMatchObject({ p: 'none', plan: null });
    expect((await claim()).rollOut).toBeUndefined();
  });

  test.each([
    [{ plan: { startsAt: 'tomorrow' } }],
    [{ plan: { ceiling: 'strict' } }],
    [{ plan: { passRate: 0.5 } }],
    [{ plan: { confirmed: Array.from({ length: 51 }, (_, n) => `${n}.example`) } }],
  ])('refuses %j', async (dmarc) => {
    const { status } = await patch(dmarc);
    expect(status).toBe(400);
  });
});

const decide = async (source: string, decision: string, as?: ReturnType<typeof givenTenant>) => {
  const { status, body } = await testEnvironment.ask(
    'PATCH',
    `/v1/domains/shop.example/sources/${encodeURIComponent(source)}`,
    {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ decision }),
      ...(as === undefined ? {} : { as }),
    },
  );
  return { status, body, code: body['code'] };
};

describe('PATCH a source', () => {
  test('confirms it without a plan, which the reports show and a later plan uses', async () => {
    await add('2026-11-19', 'google.com');
    expect(await decide('ses', 'confirmed')).toMatchObject({
      status: 200,
      body: { id: 'ses', decision: 'confirmed', known: true },
    });
    await decide('192.0.2.1', 'ignored');
    const { reports } = await ask();
    expect(reports.sources.map(({ id, known, decision }) => [id, known, decision])).toEqual([
      ['192.0.2.1', false, 'ignored'],
      ['ses', true, 'confirmed'],
    ]);
    const { body } = await patch({ plan: {} });
    expect(body.dmarc?.plan).toMatchObject({ confirmed: ['ses'], ignored: ['192.0.2.1'] });
    expect((await claim()).sources).toBeUndefined();
  });

  test('changes the plan where there is one, and outlasts it', async () => {
    await patch({ plan: { confirmed: ['ses', 'esp.example'] } });
    await decide('ESP.example', 'ignored');
    expect((await claim()).rollOut).toMatchObject({ confirmed: ['ses'], ignored: ['esp.example'] });
    await decide('2001:db8::1', 'confirmed');
    await decide('esp.example', 'undecided');
    await patch({ plan: null });
    expect(await claim()).toMatchObject({
      sources: { confirmed: ['ses', '2001:db8::1'], ignored: [] },
    });
  });

  test('the same again, and what takes it back, write no more than that', async () => {
    await decide('ses', 'confirmed');
    const { version } = await claim();
    await decide('ses', 'confirmed');
    expect((await claim()).version).toBe(version);
    await decide('ses', 'undecided');
    expect(await claim()).toMatchObject({ version: version + 1 });
    expect((await claim()).sources).toBeUndefined();
  });

  test.each([
    ['forwarded', 'confirmed', 400, 'invalid-parameter'],
    ['two words', 'confirmed', 400, 'invalid-parameter'],
    ['ses', 'maybe', 400, 'invalid-body'],
  ])('refuses %s as %s', async (source, decision, status, code) => {
    expect(await decide(source, decision)).toMatchObject({ status, code });
  });

  test('refuses more than fifty, and another tenant’s domain', async () => {
    for (let n = 0; n < 50; n += 1) await decide(`${n}.example`, 'confirmed');
    expect(await decide('ses', 'confirmed')).toMatchObject({ status: 400, code: 'invalid-body' });
    expect(await decide('ses', 'ignored')).toMatchObject({ status: 200 });
    expect(await decide('ses', 'ignored', givenTenant())).toMatchObject({ status: 404 });
  });
});

const plan = async () => {
  const { status, body } = await testEnvironment.ask('GET', '/v1/domains/shop.example/dmarc-plan');
  return { status, plan: planDocument.parse(body) };
};

describe('GET dmarc-plan', () => {
  test('has no steps without a plan', async () => {
    expect(await plan()).toEqual({ status: 200, plan: { name: 'shop.example', steps: [] } });
  });

  test('has the steps of the plan with what reporters saw so far', async () => {
    await patch({ p: 'none', plan: { confirmed: ['ses'] } });
    await add('2026-11-19', 'google.com');
    const { steps } = (await plan()).plan;
    expect(steps.map(({ tag, from, to }) => [tag, from, to])).toEqual([
      ['p', 'none', 'quarantine'],
    ]);
    expect(steps[0]?.ways[0]).toEqual({
      days: { needed: 28, seen: 0 },
      reporters: { needed: 2, seen: 1 },
      messages: { needed: 1000, seen: 10 },
      passRate: { needed: 0.995, seen: 1 },
    });
    expect(steps[0]?.failing).toEqual({ days: 28, known: 0, others: 30 });
  });

  test('is no other tenant’s', async () => {
    const answer = await testEnvironment.ask('GET', '/v1/domains/shop.example/dmarc-plan', {
      as: givenTenant(),
    });
    expect(answer.status).toBe(404);
  });
});

const effects = async () => {
  const { status, body } = await testEnvironment.ask(
    'GET',
    '/v1/domains/shop.example/policy-effects',
  );
  return { status, effects: policyEffectsDocument.parse(body) };
};

describe('GET policy-effects', () => {
  test('of a domain without reports has no mail, and the step that waits for it', async () => {
    await patch({ p: 'none' });
    const { status, effects: found } = await effects();
    expect(status).toBe(200);
    expect(found).toMatchObject({
      name: 'shop.example',
      from: '2026-10-21',
      to: '2026-11-20',
      totals: [],
      sources: [],
      next: [{ tag: 'p', from: 'none', to: 'quarantine', ready: false }],
    });
  });

  test('has what each policy would have done, by source, and the next step', async () => {
    await patch({ p: 'none' });
    await add('2026-11-18', 'google.com', 200);
    await add('2026-11-19', 'yahoo.com', 300);
    await add('2026-11-19', undefined, 9_999);
    await add('2026-10-01', 'google.com', 9_999);
    await decide('ses', 'confirmed');
    const { effects: found } = await effects();
    expect(found.totals).toEqual([
      {
        tag: 'p',
        messages: 560,
        passed: 500,
        failed: 60,
        policies: [
          { policy: 'none', delivered: 560, quarantined: 0, rejected: 0 },
          { policy: 'quarantine', delivered: 500, quarantined: 60, rejected: 0 },
          { policy: 'reject', delivered: 500, quarantined: 0, rejected: 60 },
        ],
      },
    ]);
    expect(found.sources.map(({ id, known, failed }) => [id, known, failed])).toEqual([
      ['ses', true, 0],
      ['192.0.2.1', false, 60],
    ]);
    expect(found.next).toEqual([
      {
        tag: 'p',
        from: 'none',
        to: 'quarantine',
        ready: true,
        why: 'Of 500 messages of your known sources 0 would have been put to spam, and 60 of other sources.',
        failing: { known: 0, others: 60 },
      },
    ]);
  });

  test('leaves a source out of account that is ignored', async () => {
    await patch({ p: 'none' });
    await add('2026-11-18', 'google.com', 200);
    expect((await effects()).effects.next).toMatchObject([{ ready: true }]);
    await decide('ses', 'ignored');
    expect((await effects()).effects.next).toMatchObject([{ ready: false }]);
  });

  test('is no other tenant’s', async () => {
    const answer = await testEnvironment.ask('GET', '/v1/domains/shop.example/policy-effects', {
      as: givenTenant(),
    });
    expect(answer.status).toBe(404);
  });
});
