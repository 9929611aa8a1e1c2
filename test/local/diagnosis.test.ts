import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '#shared/app/checks/evaluate/evaluate.ts';
import { queryRecords } from '#shared/app/checks/query-records.ts';
import { dnsResolver } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import type { RecordCode } from '#shared/core/records/codes.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import { parseDomainName, type DomainName } from '#shared/core/model/names.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { startDnsServer, type DnsServer } from '../../local/dns/server.ts';
import type { ZoneRecord } from '../../local/dns/records.ts';
import type { ServedZone } from '../../local/dns/resolution.ts';
import { Zone } from '../../local/dns/zone.ts';
import { deployment } from '../fakes/given-claim.ts';
import type { DnsRecord } from '../fakes/resolver.ts';
import { everything, type Situation } from '../support/diagnosis/case.ts';
import { diagnosisCases } from '../support/diagnosis/index.ts';
import { claimsOf, givenSituation } from '../support/situation.ts';
import { startUnbound, unboundIsInstalled, type Unbound } from '../support/unbound.ts';

const installed = unboundIsInstalled();
if (!installed) {
  console.warn(
    '\nSKIPPED: unbound is not installed (apt-get install unbound): the diagnosis was NOT tested with a real resolver.\n',
  );
}

const NAME_SERVER = 'ns1.customer-dns.local';

/** A domain that the resolver has a trust anchor for, whose zone is not signed. */
const BOGUS = 'bogus.test' as DomainName;

/** The local run's authoritative server in front, unbound between, and our resolver asking both. */
describe.skipIf(!installed && process.env['CI'] === undefined)('by way of unbound', () => {
  const zones = new Map<string, ServedZone>();
  const logged: string[] = [];
  let server: DnsServer;
  let unbound: Unbound;
  let resolver: Resolver;

  beforeAll(async () => {
    server = await startDnsServer({
      sources: [
        {
          at: (apex) => [zones.get(apex) ?? []].flat(),
          serverAddress: (name) => (name === NAME_SERVER ? '127.0.0.1' : undefined),
        },
      ],
      port: 0,
      log: (message) => void logged.push(message),
    });
    unbound = await startUnbound(server, BOGUS);
    resolver = dnsResolver({
      topOf: registrableDomain,
      resolvers: [unbound],
      authoritativePort: server.port,
      queryLimits: { timeoutMs: 1_500, tries: 2 },
    });
  });
  afterAll(async () => {
    await unbound?.stop();
    await server?.close();
  });

  const publish = (apex: string, records: readonly DnsRecord[]): void =>
    void zones.set(apex, { state: 'served', zone: zoneOf(apex, records), delegation: 'implied' });

  /** The records hosted for every claim that came so far; a zone file of each shard. */
  const hosted: DnsRecord[] = [];
  const host = ({ claim, other, earlier }: Situation): void => {
    for (const { name, type, values } of [claim, other, earlier].flatMap((one) =>
      hostedRecords(one, deployment),
    )) {
      hosted.push({ name, type, value: values[0]! });
    }
    for (const shard of shardNames(deployment)) {
      publish(
        shard,
        hosted.filter(({ name }) => name.endsWith(shard)),
      );
    }
  };

  async function diagnosed(situation: Situation): Promise<RecordCheck[]> {
    const { claim, value } = situation;
    const token = { token: value('ses-identity') };
    const random = { bytes: (size: number) => randomBytes(size) };
    const { observations, setting } = await queryRecords(claim, token, {
      claims: await claimsOf(situation),
      resolver,
      random,
      deployment,
    });
    return evaluate(customerRecords(claim, token, deployment), observations, setting);
  }

  // Names of their own, so that no case meets what unbound remembers of another.
  test.each(diagnosisCases.map((one, index) => [one.what, one, index] as const))(
    '%s',
    async (_what, { published, given, codes, zones: others = {} }, index) => {
      const situation = givenSituation(`customer${index}.test` as DomainName, given);
      host(situation);
      for (const [apex, records] of Object.entries(others)) publish(apex, records);
      publish(situation.claim.domain, published(situation));
      expect(codesOf(await diagnosed(situation))).toEqual(codes);
    },
  );

  test('a domain that does not exist', async () => {
    const checks = await diagnosed(givenSituation('nobody.test' as DomainName));
    expect(codesOf(checks)).toEqual(everything('no-such-domain'));
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['missing']));
  });

  test('a domain below one that does not exist', async () => {
    const checks = await diagnosed(givenSituation('mail.nobody2.test' as DomainName));
    expect(codesOf(checks)).toEqual(everything('no-such-domain'));
  });

  test('a domain whose zone the servers named above it do not have', async () => {
    publish('parent.test', [
      { name: 'lame.parent.test', type: 'NS', value: 'ns.hoster.parent.test' },
      { name: 'ns.hoster.parent.test', type: 'A', value: '127.0.0.1' },
    ]);
    const checks = await diagnosed(givenSituation('lame.parent.test' as DomainName));
    expect(codesOf(checks)).toEqual(everything('not-delegated'));
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['unknown']));
    expect(checks[0]!.observed).toEqual(['ns.hoster.parent.test']);
  });

  test('a domain whose zone the registry delegates to servers that do not have it', async () => {
    publish('shop', [
      { name: 'lame.shop', type: 'NS', value: 'ns.hoster.shop' },
      { name: 'ns.hoster.shop', type: 'A', value: '127.0.0.1' },
    ]);
    const checks = await diagnosed(givenSituation('lame.shop' as DomainName));
    expect(codesOf(checks)).toEqual(everything('not-delegated'));
  });

  test('a domain whose answers do not validate', async () => {
    const situation = givenSituation(BOGUS);
    host(situation);
    publish(BOGUS, situation.advised);
    const checks = await diagnosed(situation);
    expect(codesOf(checks)).toEqual(everything('dnssec-bogus'));
    expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['unknown']));
  });

  test('a domain whose zone is broken at its servers', async () => {
    zones.set('broken.test', { state: 'broken', apex: 'broken.test' });
    const checks = await diagnosed(givenSituation('broken.test' as DomainName));
    expect(codesOf(checks)).toEqual(everything('no-answer'));
  });

  test('the authoritative server had nothing to complain of', () => {
    expect(logged).toEqual([]);
  });

  test('an international name is the same however it is typed', async () => {
    const [domain, ...others] = ['BÜCHER.Test', 'bücher.test.', 'xn--bcher-kva.TEST'].map(
      parseDomainName,
    );
    expect(others).toEqual([domain, domain]);
    const situation = givenSituation(domain!);
    host(situation);
    publish(domain!, situation.advised);
    expect(codesOf(await diagnosed(situation))).toEqual({});
  });
});

const codesOf = (checks: readonly RecordCheck[]): Record<string, RecordCode> =>
  Object.fromEntries(checks.flatMap(({ id, code }) => (code === undefined ? [] : [[id, code]])));

/** A zone in memory, which may have what no zone file may: a CNAME beside others, blanks in names. */
function zoneOf(apex: string, records: readonly DnsRecord[]): Zone {
  const timers = { refresh: 7200, retry: 900, expire: 1_209_600, minimum: 1 };
  return new Zone(apex, [
    { name: apex, type: 'NS', ttl: 1, data: NAME_SERVER },
    {
      name: apex,
      type: 'SOA',
      ttl: 1,
      data: { mname: NAME_SERVER, rname: `hostmaster.${apex}`, serial: 1, ...timers },
    },
    ...records.map(zoneRecord),
  ]);
}

function zoneRecord({ name, type, value }: DnsRecord): ZoneRecord {
  switch (type) {
    case 'TXT': {
      const data = (value.match(/.{1,255}/gs) ?? []).map((part) => Buffer.from(part));
      return { name, type, ttl: 1, data };
    }
    case 'MX': {
      const at = value.indexOf(' ');
      const data = { preference: Number(value.slice(0, at)), exchange: value.slice(at + 1) };
      return { name, type, ttl: 1, data };
    }
    case 'A':
    case 'CNAME':
    case 'NS':
      return { name, type, ttl: 1, data: value };
    case 'AAAA':
    case 'PTR':
    case 'SOA':
      throw new Error(`no case has a record of type ${type}`);
  }
}
