import { expect, test } from 'vitest';
import { runCheck } from '#shared/app/checks/run-check.ts';
import type { CheckPorts } from '#shared/app/checks/ports.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import { mailDays } from '#shared/core/model/hand-over.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { isRight } from '#shared/core/records/progress.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { mistakes, type Mistake, type Shown } from '../../../support/dns-admins/mistakes.ts';
import { isLong } from '../../../support/long.ts';
import { givenTestEnvironment } from './test-environment.ts';

const ADMINS = isLong ? 300 : 60;
const DAY_SECONDS = 86_400;
const json = { 'content-type': 'application/json' };

/** Numbers from 0 to 1 that are the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** A person who was mailed a link, and what they are like. */
interface Admin {
  /** Opens the link with the first mail, or with a reminder; undefined: never. */
  readonly opensWith: number | undefined;
  readonly mistake: Mistake;
  /** Seconds until what they enter is in DNS. */
  readonly lag: number;
  /** How often they come back to put right what the page shows. */
  readonly returns: number;
}

function givenAdmin(index: number): Admin {
  const random = numbers(index * 7_919 + 17);
  random();
  const [opens, slow, lag, returns] = [random(), random(), random(), random()];
  return {
    // One of twelve never opens a mail; most open the first.
    opensWith: opens < 1 / 12 ? undefined : slow < 0.7 ? 0 : slow < 0.85 ? 1 : slow < 0.95 ? 2 : 3,
    mistake: mistakes[index % mistakes.length]!,
    lag: lag < 0.7 ? 300 : lag < 0.95 ? 3_600 : 2 * DAY_SECONDS,
    returns: returns < 0.06 ? 0 : returns < 0.3 ? 1 : 3,
  };
}

type Stage = 'mailed' | 'opened' | 'entered' | 'seen' | 'required right' | 'verified';
const stages: readonly Stage[] = [
  'mailed',
  'opened',
  'entered',
  'seen',
  'required right',
  'verified',
];

interface Outcome {
  readonly reached: Stage;
  readonly why: string;
  /** Visits after the first one. */
  readonly visits: number;
}

const domain = 'shop.example' as DomainName;

/** What an admin does with one domain, by the page's own calls and the checker's. */
async function lived({ opensWith, mistake, lag, returns }: Admin): Promise<Outcome> {
  const env = givenTestEnvironment();
  const key = { tenant: env.tenant, domain };
  const ports: CheckPorts = {
    ...env.ports,
    checks: env.checks,
    identities: env.identities,
    resolver: env.dns,
    identityQueue: new MemoryQueue(),
    delegationQueue: new MemoryQueue(),
    rotationQueue: new MemoryQueue(),
  };
  const before = mistake.before?.(domain) ?? [];
  env.dns.zone(domain, before);
  await env.claim(domain);
  const first = (await env.claims.get(key))!;
  const view = { label: first.label, status: 'preparing', polledAt: env.now() } as const;
  await env.identities.putView({ ...view, token: 'c2VzLXRva2VuLW9mLXRoZS1kb21haW4=' });
  const made = await env.ask('POST', '/v1/contacts', {
    headers: json,
    body: JSON.stringify({ email: 'ann@agency.example', domains: [domain] }),
  });
  const linked = await env.ask('POST', `/v1/contacts/${String(made.body['id'])}/links`, {
    headers: json,
    body: JSON.stringify({ mail: true }),
  });
  const token = new URL(String(linked.body['url'])).hash.slice(1);
  const check = async () => {
    const claim = (await env.claims.get(key))!;
    for (const shard of shardNames(deployment)) {
      const hosted = claim.shard === shard ? hostedRecords(claim, deployment) : [];
      env.dns.zone(
        shard,
        hosted.map(({ name, type, values }) => ({ name, type, value: values[0]! })),
      );
    }
    await runCheck(claim, ports);
  };
  const page = async () => {
    await check();
    const { body } = await env.ask('POST', '/v1/hand-over/records', {
      caller: null,
      headers: json,
      body: JSON.stringify({ token, domain }),
    });
    return body;
  };
  const stage = async (entered: boolean): Promise<Stage> => {
    await check();
    const claim = (await env.claims.get(key))!;
    const { progress } = (await env.ask('GET', `/v1/domains/${domain}`)).body;
    const { right, total } = progress.required;
    if (claim.status === 'verified' && right === total) return 'verified';
    if (right === total) return 'required right';
    if (claim.seenAt !== undefined) return 'seen';
    return entered ? 'entered' : 'opened';
  };
  if (opensWith === undefined)
    return { reached: 'mailed', why: 'never opened the link', visits: 0 };
  env.pass(mailDays[opensWith]! * DAY_SECONDS);
  const shown = (await page()).records as readonly Shown[];
  let zone = merged(before, mistake.entered(shown, domain));
  env.pass(lag);
  env.dns.zone(domain, zone);
  let reached = await stage(zone.length > before.length);
  // Each reminder brings them back, as often as they care to.
  let visits = 0;
  while (reached !== 'verified' && visits < returns) {
    visits += 1;
    env.pass(3 * DAY_SECONDS);
    const { records } = await page();
    if (mistake.stays === undefined) zone = corrected(zone, records);
    env.pass(lag);
    env.dns.zone(domain, zone);
    reached = await stage(true);
  }
  const why =
    mistake.stays ??
    (returns === 0 ? `never came back: ${mistake.what}` : `not put right: ${mistake.what}`);
  return { reached, why: reached === 'verified' ? '' : why, visits };
}

/** A provider keeps what is there: a CNAME alone at its name is the one thing that it insists on. */
const merged = (before: readonly DnsRecord[], entered: readonly DnsRecord[]): DnsRecord[] => [
  ...before,
  ...entered,
];

/**
 * Does what the page shows of each record that is not right: enters name and value as they are, in
 * the place of what is at the name and of what the page says was found.
 */
function corrected(
  zone: readonly DnsRecord[],
  records: readonly (Shown & {
    status: string;
    code: string | null;
    observed: readonly string[];
  })[],
): DnsRecord[] {
  let now = [...zone];
  for (const record of records) {
    if (isRight(record as never) || record.value === '') continue;
    const { name, type, value, observed } = record;
    now = now.filter((one) => {
      const isThere =
        one.name === name && (type === 'CNAME' || one.type === type || one.type === 'CNAME');
      const isFound = observed.includes(one.name) || observed.includes(one.value);
      const isAsked = records.some((other) => other.name === one.name);
      const isOther = isFound && !isAsked && !one.name.startsWith('*');
      // Texts of others at the name stay.
      const isOthers =
        one.type === 'TXT' &&
        type === 'TXT' &&
        !observed.includes(one.value) &&
        !/spf/i.test(one.value);
      return (!isThere && !isOther) || (isThere && isOthers);
    });
    now.push({ name, type, value });
  }
  return now;
}

test(
  `of ${ADMINS} DNS admins, most have a verified domain without anybody's help`,
  async () => {
    const outcomes: Outcome[] = [];
    for (let index = 0; index < ADMINS; index += 1) outcomes.push(await lived(givenAdmin(index)));
    const reached = (stage: Stage) =>
      outcomes.filter((one) => stages.indexOf(one.reached) >= stages.indexOf(stage)).length;
    const funnel = stages.map((stage) => `${stage} ${reached(stage)}`).join(', ');
    const verified = outcomes.filter((one) => one.reached === 'verified');
    const byVisits = [0, 1, 2, 3].map(
      (count) => verified.filter(({ visits }) => visits === count).length,
    );
    const reasons = Map.groupBy(
      outcomes.filter(({ why }) => why !== ''),
      ({ why }) => why,
    );
    console.info(`${ADMINS} admins: ${funnel}`);
    console.info(
      `verified at once ${byVisits[0]}, after 1, 2, 3 visits more: ${byVisits.slice(1).join(', ')}`,
    );
    for (const [why, some] of reasons) console.info(`not verified, ${some.length}: ${why}`);
    // The page is enough for everybody who opens it, comes back, and has a provider that can.
    const able = outcomes.filter(({ why }) => why === '' || why.startsWith('not put right'));
    expect(able.filter(({ why }) => why !== '').map(({ why }) => why)).toEqual([]);
    expect(verified.length / ADMINS).toBeGreaterThan(0.75);
  },
  isLong ? 600_000 : 120_000,
);

test('there are thirty, and each is entered in another way', () => {
  expect(mistakes).toHaveLength(30);
  expect(new Set(mistakes.map(({ what }) => what)).size).toBe(30);
});
