import { describe, expect, test } from 'vitest';
import { budgetDefinitions } from '#shared/core/model/budgets.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { isLong } from '../../../support/long.ts';
import { turnsWaited, VirtualService, type Done, type Turn } from './virtual-service.ts';

const SECONDS = isLong ? 60 : 30;
const limit = (name: keyof typeof budgetDefinitions) => budgetDefinitions[name].limit;

/** What an abuse takes of what all share, and how much of it its tenant may. */
interface Abuse {
  readonly what: string;
  readonly prepare?: (service: VirtualService, abuser: TenantId) => Promise<void>;
  /** The request of one of 50 in a second. */
  readonly request: (service: VirtualService, abuser: TenantId, count: number) => void;
  readonly taken: (service: VirtualService, abuser: TenantId, done: readonly Done[]) => number;
  readonly most: number;
  readonly refusedBy: string;
}

const through = (done: readonly Done[], status: number): number =>
  done.filter((one) => one.status === status).length;

const claimMany = async (service: VirtualService, abuser: TenantId, count: number) => {
  for (let index = 0; index < count; index += 1) {
    service.ask(abuser, 'POST', '/v1/domains', { name: `young${index}.abuser.example` });
  }
  await service.pass(1_000);
  service.done.splice(0);
  service.atOnce.clear();
};

const abuses: Abuse[] = [
  {
    what: 'claims and deletions in turn',
    request: (service, abuser, count) =>
      count % 2 === 0
        ? service.ask(abuser, 'POST', '/v1/domains', { name: `d${count}.abuser.example` })
        : service.ask(abuser, 'DELETE', `/v1/domains/d${count - 1}.abuser.example`),
    taken: (_, __, done) => through(done, 201) + through(done, 202),
    most: limit('claims-hour') + limit('deletions-hour'),
    refusedBy: 'pending-claims',
  },
  {
    what: 'places in shards',
    request: (service, abuser, count) =>
      service.ask(abuser, 'POST', '/v1/domains', { name: `d${count}.abuser.example` }),
    taken: (_, __, done) => through(done, 201),
    most: limit('pending-claims'),
    refusedBy: 'pending-claims',
  },
  {
    what: 'checks',
    prepare: (service, abuser) => claimMany(service, abuser, 20),
    request: (service, abuser, count) =>
      service.ask(abuser, 'POST', `/v1/domains/young${count % 20}.abuser.example/checks`),
    taken: (service, abuser) =>
      service.environment.checkQueue.take().filter(({ request }) => request.tenant === abuser)
        .length,
    // One of a domain begins in two seconds.
    most: (limit('checks') * SECONDS) / 2 + limit('checks'),
    refusedBy: 'checks',
  },
  {
    what: 'lists of records that wait',
    prepare: (service, abuser) => claimMany(service, abuser, 20),
    request: (service, abuser, count) =>
      service.ask(abuser, 'GET', `/v1/domains/young${count % 20}.abuser.example/records`),
    taken: (service, abuser) => service.atOnce.get(abuser) ?? 0,
    // Beside those that wait, one is under way that is refused.
    most: limit('waiting-records') + 1,
    refusedBy: 'waiting-records',
  },
  {
    what: 'calls of the API',
    request: (service, abuser) => service.ask(abuser, 'GET', '/v1/domains'),
    taken: (_, __, done) => through(done, 200),
    most: limit('calls-minute') + limit('calls-minute') / 100,
    refusedBy: 'calls-minute',
  },
  {
    what: 'recipients',
    request: (service, abuser) => service.submit(abuser, 'abuser.example', 50),
    taken: (_, __, done) => through(done, 202) * 50,
    most: limit('recipients-minute'),
    refusedBy: 'recipients-minute',
  },
  {
    what: 'invitations',
    request: (service, abuser, count) =>
      service.ask(abuser, 'POST', '/v1/users', { email: `stranger${count % 30}@example.net` }),
    taken: (service) => service.directory.mails.filter((to) => to.startsWith('stranger')).length,
    most: limit('invitations-day'),
    refusedBy: 'invitations-day',
  },
];

/** Twenty tenants for a while; the last of them does what `abuse` says, fifty times a second. */
async function run(abuse: Abuse | undefined) {
  const service = new VirtualService();
  const others: TenantId[] = [];
  for (let index = 0; index < 19; index += 1) {
    others.push(await service.givenTenant(`t${index}.example`));
  }
  const abuser = await service.givenTenant('abuser.example');
  await abuse?.prepare?.(service, abuser);
  await service.pass(Date.parse('2026-11-20T10:00:00.000Z') - service.now);
  let count = 0;
  await service.pass(SECONDS * 1_000, (elapsed) => {
    if (abuse !== undefined) abuse.request(service, abuser, count++);
    const [index, rest] = [Math.floor(elapsed / 1_000), elapsed % 1_000];
    const tenant = others[index % 19]!;
    const domain = `t${index % 19}.example`;
    // One of the others in each second, with all that people do in an hour.
    if (rest === 100 && index % 3 === 0) {
      service.ask(tenant, 'POST', '/v1/domains', { name: `new${index}.${domain}` });
    }
    if (rest === 200) service.ask(tenant, 'GET', '/v1/domains');
    if (rest === 300) service.ask(tenant, 'POST', `/v1/domains/${domain}/checks`);
    if (rest === 400) service.ask(tenant, 'GET', `/v1/domains/new${index}.${domain}/records`);
    if (rest === 500) service.submit(tenant, domain, 10);
    if (rest === 600) service.ask(tenant, 'POST', '/v1/users', { email: `u${index}@${domain}` });
  });
  // The longest wait of a request, for what is still under way.
  await service.pass(20_000);
  const ofAbuser = service.done.filter(({ tenant }) => tenant === abuser);
  const ofOthers = service.done.filter(({ tenant }) => tenant !== abuser);
  expect(service.failures).toEqual([]);
  return { service, abuser, ofAbuser, ofOthers };
}

/** What was answered, and after how long. */
const answers = (done: readonly Done[]) =>
  done.map(({ status, startedAt, endedAt }) => [status, endedAt - startedAt]);

/** The turns at SES that claims and deletions want, one call each. */
const turnsAtSes = (done: readonly Done[]): Turn[] =>
  done
    .filter(
      ({ what, status }) =>
        (what === 'POST /v1/domains' && status === 201) ||
        (what === 'DELETE /v1/domains/{name}' && status === 202),
    )
    .map(({ tenant, startedAt: at }) => ({ tenant, at }));

let alone: Awaited<ReturnType<typeof run>> | undefined;

describe('of twenty tenants', () => {
  test.each(abuses)('one at $what, fifty a second, stays within its budget', async (abuse) => {
    alone ??= await run(undefined);
    const { service, abuser, ofAbuser, ofOthers } = await run(abuse);
    // The others get the answers, after the times, that they get without it.
    expect(answers(ofOthers)).toEqual(answers(alone.ofOthers));
    expect(ofOthers.filter(({ status }) => status === 429)).toEqual([]);

    const taken = abuse.taken(service, abuser, ofAbuser);
    const refused = ofAbuser.filter(({ status }) => status === 429);
    // Beside what waits by a lease, requests end in the moment that they begin.
    expect(service.atOnce.get(abuser)).toBeLessThanOrEqual(2 + 1);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(abuse.most);
    expect(refused.map(({ budget }) => budget)).toContain(abuse.refusedBy);

    const isOther = (tenant: TenantId) => tenant !== abuser;
    const wanted = turnsAtSes(service.done);
    const waits = turnsWaited(wanted, 1_000, isOther);
    const before = turnsWaited(
      wanted.filter(({ tenant }) => isOther(tenant)),
      1_000,
      isOther,
    );
    // A turn waits for the one that is being served; with the abuser's, for one more.
    expect(Math.max(...waits)).toBeLessThanOrEqual(2 * Math.max(1, ...before));
    console.log(
      `twenty tenants: ${abuse.what}: ${ofAbuser.length} requests, took ${taken} of ${abuse.most}, ${refused.length} refused; others at most ${Math.max(...waits)} turns at SES (${Math.max(...before)} without)`,
    );
  });
});
