import { setTimeout as sleep } from 'node:timers/promises';
import { budgetDefinitions } from '#shared/core/model/budgets.ts';
import type { DnsServer } from '../../local/dns/server.ts';
import { callerOf, labelsIn, type Asked, type Caller } from './client.ts';
import type { Kind, Ledger } from './ledger.ts';

const SECONDS = Number(process.env['ABUSE_SECONDS'] ?? 60);
/** The abuses to measure, by name, separated by commas; all where it is not set. */
const ONLY = process.env['ABUSES']?.split(',');
const PER_SECOND = 50;
/** Requests of the abuser at once: more would measure this machine, which runs all of AWS. */
const AT_ONCE = 5;
const OTHERS = 19;
/** When the others claim a domain each, after the abuse has begun. */
const CLAIMS_AFTER_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

type Report = (of: string, subject: string, value: number, unit: string) => void;

interface Tenant {
  readonly id: string;
  readonly call: Caller;
}

interface Abuse {
  /** What the abuser asks for, the count-th time. */
  readonly request: (count: number) => Asked;
  /** What its budget allows in the time, of what is counted. */
  readonly budget: string;
}

const young = (count: number): string => `young${count % 15}.abuse.example`;
const limit = (name: keyof typeof budgetDefinitions): number => budgetDefinitions[name].limit;

const abuses: Readonly<Record<string, Abuse | undefined>> = {
  none: undefined,
  'calls of the API': {
    request: () => ({ method: 'GET', path: '/v1/domains' }),
    budget: `${limit('calls-minute')} calls a minute`,
  },
  'claims and deletions': {
    request: (count) =>
      count % 2 === 0
        ? { method: 'POST', path: '/v1/domains', json: { name: `d${count}.abuse.example` } }
        : { method: 'DELETE', path: `/v1/domains/d${count - 1}.abuse.example` },
    budget: `${limit('claims-hour')} claims and ${limit('deletions-hour')} deletions an hour, ${limit('pending-claims')} pending`,
  },
  checks: {
    request: (count) => ({ method: 'POST', path: `/v1/domains/${young(count)}/checks` }),
    budget: `${limit('checks')} checks at once, each for 2 s at least`,
  },
  'lists of records': {
    request: (count) => ({
      method: 'GET',
      path: `/v1/domains/${young(count)}/records?format=bind`,
    }),
    budget: `${limit('waiting-records')} lists at once that wait`,
  },
  invitations: {
    request: (count) => ({
      method: 'POST',
      path: '/v1/users',
      json: { email: `stranger${count % 3}@abuse.example` },
    }),
    budget: `${limit('invitations-day')} invitations a day, one of an address in ${limit('invitation-interval')} s`,
  },
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Local {
  readonly api: string;
  readonly dns: Pick<DnsServer, 'observe'>;
  readonly tenant: (name: string) => Promise<{ readonly id: string; readonly key: string }>;
}

/**
 * One tenant of twenty at each abuse in turn: what it uses of what all share, and the turns and the
 * time that the others wait.
 */
export async function runAbuses(local: Local, ledger: Ledger, report: Report): Promise<void> {
  local.dns.observe(ledger.query);
  const tenant = async (name: string): Promise<Tenant> => {
    const { id, key } = await local.tenant(name);
    return { id, call: callerOf(local.api, key) };
  };
  const others = await Promise.all(
    Array.from({ length: OTHERS }, (_, index) => tenant(`tenant${index}`)),
  );
  for (const [what, abuse] of Object.entries(abuses)) {
    if (ONLY?.includes(what) === false) continue;
    const abuser = await tenant(`abuser of ${what}`);
    const labels = new Set<string>();
    if (what === 'checks' || what === 'lists of records') {
      for (let index = 0; index < 15; index += 1) {
        const json = { name: young(index) };
        const { text } = await abuser.call({ method: 'POST', path: '/v1/domains', json });
        for (const label of labelsIn(text)) labels.add(label);
      }
      await sleep(20_000);
    }
    await quiet(ledger);
    ledger.clear();
    const abusing = abuse && abuseFor(SECONDS * 1_000, abuser, abuse, labels);
    const waits = await Promise.all([reading(others), claiming(what, others, ledger)]);
    const statuses = await abusing;
    const used = ledger.of([abuser.id, 'abuse.example', ...labels]);
    if (abuse !== undefined) {
      for (const [kind, value] of Object.entries(used)) {
        if (!kind.startsWith('budget') && value > 0) report(what, `abuser, ${kind}s`, value, '');
      }
      report(what, `abuser, budget: ${abuse.budget}`, 0, '');
    }
    for (const [status, count] of [...(statuses ?? [])].sort(([a], [b]) => a - b)) {
      report(what, `abuser, answered ${status}`, count, 'requests');
    }
    const [{ waits: reads, failed }, claims] = waits;
    report(what, 'others, reading: median', median(reads), 'ms');
    report(what, 'others, reading: worst of 20', reads[Math.floor(reads.length * 0.95)]!, 'ms');
    report(what, 'others, reading: not answered', failed, 'requests');
    for (const [of, turns] of Object.entries(claims)) {
      report(what, `others, ${of}: median`, median(turns), of.includes('time') ? 'ms' : 'turns');
      report(what, `others, ${of}: most`, Math.max(...turns), of.includes('time') ? 'ms' : 'turns');
    }
  }
}

/** Waits until the round before takes no turns any more, but for what is asked of SES once in a while. */
async function quiet(ledger: Ledger): Promise<void> {
  for (const end = performance.now() + LONGEST_WAIT_MS; performance.now() < end;) {
    const before = ledger.count('SES call');
    await sleep(5_000);
    if (ledger.count('SES call') === before) return;
  }
}

/** @returns how often each status came */
async function abuseFor(
  milliseconds: number,
  { call }: Tenant,
  { request }: Abuse,
  labels: Set<string>,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const begun = performance.now();
  let count = 0;
  const loop = async (): Promise<void> => {
    for (;;) {
      const mine = count;
      count += 1;
      const at = (mine * 1_000) / PER_SECOND;
      if (Math.max(at, performance.now() - begun) >= milliseconds) return;
      await sleep(Math.max(0, begun + at - performance.now()));
      const { status, text } = await call(request(mine));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      for (const label of labelsIn(text)) labels.add(label);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  return statuses;
}

/**
 * Each of the others reads its domains, five times a second in turn.
 *
 * @returns milliseconds of each, and how many were not answered
 */
async function reading(
  others: readonly Tenant[],
): Promise<{ readonly waits: readonly number[]; readonly failed: number }> {
  const waits: Promise<number | undefined>[] = [];
  const begun = performance.now();
  for (let count = 0; count < SECONDS * 5; count += 1) {
    await sleep(Math.max(0, begun + count * 200 - performance.now()));
    const startedAt = performance.now();
    const { call } = others[count % others.length]!;
    waits.push(
      call({ method: 'GET', path: '/v1/domains' }).then(({ status }) =>
        status === 200 ? performance.now() - startedAt : undefined,
      ),
    );
  }
  const done = await Promise.all(waits);
  const answered = done.filter((wait) => wait !== undefined);
  return { waits: answered.toSorted((a, b) => a - b), failed: done.length - answered.length };
}

/** Each of the others claims a domain at once, and waits for its SES value, records and first check. */
async function claiming(
  what: string,
  others: readonly Tenant[],
  ledger: Ledger,
): Promise<Record<string, number[]>> {
  await sleep(CLAIMS_AFTER_MS);
  const round = what.replaceAll(/[^a-z]/g, '');
  const from = ledger.length;
  const startedAt = performance.now();
  const found = await Promise.all(
    others.map(async ({ call }, index) => {
      const name = `${round}${index}.other.example`;
      const { status, text } = await call({ method: 'POST', path: '/v1/domains', json: { name } });
      const [label] = labelsIn(text);
      if (status !== 201 || label === undefined) throw new Error(`${name}: ${status} ${text}`);
      // Counted from its place in a queue: before that, the time of an API call is this machine's.
      const turns = async (kind: Kind, named: string): Promise<number> => {
        for (
          const end = performance.now() + LONGEST_WAIT_MS;
          performance.now() < end;
          await sleep(100)
        ) {
          const queued = ledger.find('queue place', label, from);
          const own = queued === undefined ? undefined : ledger.turnsBefore(kind, named, queued);
          if (own !== undefined) return own;
        }
        throw new Error(`${name} had no ${kind}`);
      };
      const ses = await turns('SES call', `VerifyDomainIdentity&Version=2010-12-01&Domain=${name}`);
      const value = performance.now() - startedAt;
      const change = await turns('Route 53 change', label);
      const checkedAt = performance.now();
      await call({ method: 'POST', path: `/v1/domains/${name}/checks` });
      return { ses, value, change, check: performance.now() - checkedAt };
    }),
  );
  return {
    'turns of SES': found.map(({ ses }) => ses),
    'turns of Route 53': found.map(({ change }) => change),
    'time to an SES identity': found.map(({ value }) => value),
    'time of a check': found.map(({ check }) => check),
  };
}
