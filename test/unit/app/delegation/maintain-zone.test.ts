import { beforeEach, describe, expect, test } from 'vitest';
import { maintainZone } from '#shared/app/delegation/maintain-zone.ts';
import { deletedClaim, type Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { HOUR_MS, DAY_MS } from '#shared/core/time.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { viewOf } from '../checks/test-environment.ts';
import { DOMAIN, GivenDelegation } from './given-delegation.ts';

let given: GivenDelegation;
let claim: Claim;
beforeEach(async () => {
  given = new GivenDelegation();
  claim = await given.claim();
});

const request = ({ tenant, domain, label }: Claim) => ({ tenant, domain, label });
const verified = async (one: Claim = claim): Promise<Claim> => {
  given.publish(given.serverOf(one));
  await given.check(one);
  await given.work();
  return given.check(one);
};
const names = () => zoneIds()[0]!.sets.map(({ name }) => name);
const zoneIds = () => [...given.host.zones.values()].filter(({ domain }) => domain === DOMAIN);

/** What the last check says of the NS record. */
const codes = async () => {
  await given.check(claim);
  const { result } = (await given.env.checks.get(claim.label)) ?? {};
  const record = result?.records.find(({ id }) => id === 'delegation');
  return record?.code ?? record?.status;
};

const deleted = async (): Promise<Claim> => {
  const before = await verified();
  const next = deletedClaim(before, new Date(given.env.now).toISOString());
  await given.env.claims.update(before, next);
  return next;
};

describe('a delegated subdomain', () => {
  test('has one record, which names a server of its label', () => {
    expect(customerRecords(claim, { token: 'x' }, deployment)).toMatchObject([
      {
        id: 'delegation',
        name: DOMAIN,
        type: 'NS',
        value: `${claim.label}.ns.sd.example.net`,
        required: true,
      },
    ]);
  });

  test('costs no zone before it is delegated', async () => {
    expect((await given.check(claim)).status).toBe('pending');
    await given.work();
    expect([zoneIds(), given.host.made]).toEqual([[], []]);
  });

  test('is verified by one record set, with all others in its zone', async () => {
    expect((await verified()).status).toBe('verified');
    expect(given.hasAddress(claim.label)).toBe(true);
    const sets = zoneIds()[0]!.sets.map(({ name, type }) => `${name} ${type}`);
    expect(sets.toSorted()).toEqual(
      [
        `${DOMAIN} NS`,
        `${DOMAIN} TXT`,
        `_amazonses.${DOMAIN} TXT`,
        `_dmarc.${DOMAIN} CNAME`,
        `bounces.${DOMAIN} MX`,
        `bounces.${DOMAIN} TXT`,
        `one._domainkey.${DOMAIN} CNAME`,
        `two._domainkey.${DOMAIN} CNAME`,
        `zero._domainkey.${DOMAIN} CNAME`,
      ].toSorted(),
    );
    const { result } = (await given.env.checks.get(claim.label)) ?? {};
    expect(result?.records.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  test('is reached only once all servers have the zone', async () => {
    given.host.pending = true;
    given.publish(given.serverOf(claim));
    await given.check(claim);
    await maintainZone(given.queue.take()[0]!.request, given.ports);
    await maintainZone(given.queue.take()[0]!.request, given.ports);
    expect(given.hasAddress(claim.label)).toBe(false);
    given.host.pending = false;
    await given.work();
    expect(given.hasAddress(claim.label)).toBe(true);
  });

  test('gets the record of SES when SES gives its token', async () => {
    const { token: _, ...without } = viewOf(claim);
    await given.env.identities.putView(without);
    await verified();
    expect(names()).not.toContain(`_amazonses.${DOMAIN}`);
    const waiting = given.queue.take();
    expect(waiting.length).toBeGreaterThan(0);
    await given.env.identities.putView(viewOf(claim));
    await maintainZone(waiting[0]!.request, given.ports);
    expect(names()).toContain(`_amazonses.${DOMAIN}`);
  });
});

describe('the record', () => {
  test.each([
    ['nothing', [], 'missing'],
    ['another provider', ['ns1.provider.example', 'ns2.provider.example'], 'delegation-elsewhere'],
    ['the server of another label', [`${'a'.repeat(26)}.ns.sd.example.net`], 'other-label'],
  ])('with %s is wrong, and no zone is made', async (_what, servers, code) => {
    given.publish(...servers);
    expect(await codes()).toBe(code);
    await given.work();
    expect(zoneIds()).toEqual([]);
  });

  test('with another server beside ours is wrong, and no zone is made', async () => {
    given.publish(given.serverOf(claim), 'ns1.provider.example');
    expect(await codes()).toBe('delegation-mixed');
    await maintainZone(request(claim), given.ports);
    expect(zoneIds()).toEqual([]);
  });

  test('with the domain appended to its value is found', async () => {
    given.publish(`${given.serverOf(claim)}.customer.example`);
    expect(await codes()).toBe('appended-domain-in-value');
  });

  test('that one server above has and another not yet, makes no zone', async () => {
    const own = { name: DOMAIN, type: 'NS' as const, value: given.serverOf(claim) };
    given.env.dns.zone('customer.example', [own], []);
    await maintainZone(request(claim), given.ports);
    expect(zoneIds()).toEqual([]);
  });

  test('with a server beside it puts a verified domain at risk, and says so', async () => {
    await verified();
    given.publish(given.serverOf(claim), 'ns1.provider.example');
    const { status, statusReason } = await given.check(claim);
    expect([status, statusReason?.reason]).toEqual(['at-risk', 'delegation-mixed']);
    expect(statusReason?.detail).toContain('Delete the NS records with ns1.provider.example');
  });

  test('that goes is known, though nobody answers for the domain any more', async () => {
    await verified();
    given.publish(`${'a'.repeat(26)}.ns.sd.example.net`);
    const { status, statusReason } = await given.check(claim);
    expect([status, statusReason?.reason]).toEqual(['at-risk', 'other-label']);
    given.env.advance(8 * DAY_MS);
    expect((await given.check(claim)).status).toBe('lost');
    await given.check(claim);
    await given.work();
    expect(given.hasAddress(claim.label)).toBe(false);
  });
});

describe('a deleted delegation', () => {
  test('keeps its zone for 7 days', async () => {
    const { label } = await deleted();
    given.env.advance(6 * DAY_MS);
    await given.check(claim);
    await maintainZone(request(claim), given.ports);
    expect([given.hasAddress(label), zoneIds().length]).toEqual([true, 1]);
  });

  test('then loses the addresses of its label, and an hour later the zone', async () => {
    await deleted();
    given.env.advance(7 * DAY_MS);
    await given.check(claim);
    await given.work();
    expect([given.hasAddress(claim.label), zoneIds().length]).toEqual([false, 1]);
    given.env.advance(HOUR_MS - 1);
    await given.workOnWaiting();
    expect(zoneIds()).toHaveLength(1);
    given.env.advance(1);
    await given.workOnWaiting();
    expect([zoneIds(), given.zones.items.size, given.queue.take()]).toEqual([[], 0, []]);
  });

  test('whose customer left the record gives nothing to who claims the domain next', async () => {
    await deleted();
    given.env.advance(7 * DAY_MS);
    await given.check(claim);
    for (let hour = 0; hour < 3; hour += 1) {
      await given.workOnWaiting();
      given.env.advance(HOUR_MS);
    }
    const taker = await given.claim();
    expect((await given.check(taker)).status).toBe('pending');
    await given.work();
    await maintainZone(request(taker), given.ports);
    expect([given.shown(), zoneIds()]).toEqual([[], []]);
    expect((await given.check(taker)).status).toBe('pending');
  });
});

describe('quotas', () => {
  test('a set that is full is followed by another', async () => {
    given.host.limits = { zones: 1, sets: 2 };
    await given.host.create(
      'other.test' as DomainName,
      'x',
      (await given.host.createSet('sender-domains-delegation-1')).id,
    );
    await verified();
    expect(given.host.made).toHaveLength(2);
    expect((await given.check(claim)).status).toBe('verified');
  });

  test('without room for a zone the claim waits, and the operator learns it', async () => {
    given.host.limits = { zones: 0, sets: 1 };
    expect((await verified()).status).toBe('pending');
    expect(given.events).toMatchObject([{ kind: 'not-made', domain: DOMAIN }]);
    given.host.limits = { zones: 1, sets: 1 };
    await given.work();
    expect((await given.check(claim)).status).toBe('verified');
  });

  test('there are no more zones than the operator wants', async () => {
    await verified();
    Object.assign(given.ports, { mostZones: 1 });
    const other = await given.claim({ domain: 'news.customer.example' as DomainName });
    given.env.dns.zone('customer.example', [
      { name: other.domain, type: 'NS', value: given.serverOf(other) },
    ]);
    await maintainZone(request(other), given.ports);
    expect(given.events.at(-1)).toMatchObject({ kind: 'not-made', domain: other.domain });
  });
});
