import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dnsResolver } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { evaluateSpf } from '#shared/core/spf/evaluate.ts';
import { canonicalName, type ZoneRecord } from '../../../../local/dns/records.ts';
import type { ZoneSource } from '../../../../local/dns/resolution.ts';
import { startDnsServer, type DnsServer } from '../../../../local/dns/server.ts';
import { Zone, type ZoneAnswer } from '../../../../local/dns/zone.ts';

/** The openspf conformance suite is beside the project, not in it. */
const suite = join(import.meta.dirname, '../../../../../shared/data/rfc7208-tests.yml');

interface Scenario {
  description: string;
  tests: Record<
    string,
    {
      helo: string;
      host: string;
      mailfrom: string;
      result: string | string[];
      explanation?: string;
      comment?: string;
    }
  >;
  zonedata: Record<string, (string | Record<string, unknown>)[]>;
}

const available = existsSync(suite);
if (!available)
  console.warn(
    `\nSKIPPED: the openspf suite is not at ${suite}; SPF conformance was not tested.\n`,
  );

const scenarios = available
  ? parseAllDocuments(readFileSync(suite, 'utf8'))
      .map((document) => document.toJS() as Scenario)
      .filter((scenario) => scenario?.tests !== undefined)
  : [];

let passed = 0;

/** Each case asks the service's own resolver, over UDP and TCP, of a server that has the scenario's zones. */
describe.runIf(available)('the openspf suite for RFC 7208', () => {
  for (const { description, tests, zonedata } of scenarios) {
    describe(`scenario: ${description}`, () => {
      let server: DnsServer;
      let resolver: Resolver;
      beforeAll(async () => {
        server = await serve(zonedata);
        const resolvers = [{ address: server.host, port: server.port }];
        resolver = dnsResolver({
          topOf: registrableDomain,
          resolvers,
          authoritativePort: server.port,
        });
      });
      afterAll(() => server.close());

      for (const [name, { helo, host, mailfrom, result, explanation }] of Object.entries(tests)) {
        test(`case ${name}`, async () => {
          const verdict = await evaluateSpf(
            { ip: host, helo, mailFrom: mailfrom, receiver: 'receiver.example', epochSeconds: 1 },
            (asked, type) => resolver.lookup(asked, type),
          );
          expect([result].flat()).toContain(verdict.result);
          if (explanation !== undefined && verdict.result === 'fail') {
            expect(verdict.explanation ?? 'DEFAULT').toBe(explanation);
          }
          passed += 1;
        });
      }
    });
  }

  test('is here whole', () => {
    const cases = scenarios.reduce((sum, { tests }) => sum + Object.keys(tests).length, 0);
    console.log(`openspf: ${passed} of ${cases} cases passed`);
    expect({ cases, passed }).toEqual({ cases: 200, passed: 200 });
  });
});

/**
 * A DNS server with a scenario's zone data: SPF entries count as TXT where no TXT entry is given,
 * and a type that has no answer fails where the data says TIMEOUT.
 */
function serve(zonedata: Scenario['zonedata']): Promise<DnsServer> {
  const entries = Object.entries(zonedata).map(
    ([name, some]) => [canonicalName(name), some] as const,
  );
  const zones = new Map(
    [...Map.groupBy(entries, ([name]) => name.slice(name.lastIndexOf('.') + 1))].map(
      ([apex, some]) => [
        apex,
        new ScenarioZone(
          apex,
          some.flatMap(([name, given]) => recordsOf(name, given)),
          new Set(some.flatMap(([name, given]) => (given.includes('TIMEOUT') ? [name] : []))),
        ),
      ],
    ),
  );
  const source: ZoneSource = {
    at: (apex) => {
      const zone = zones.get(apex);
      return zone === undefined ? [] : [{ state: 'served', zone, delegation: 'implied' }];
    },
    serverAddress: () => undefined,
  };
  return startDnsServer({ sources: [source], port: 0, log: () => undefined });
}

class ScenarioZone extends Zone {
  readonly #silent: ReadonlySet<string>;

  constructor(apex: string, records: readonly ZoneRecord[], silent: ReadonlySet<string>) {
    super(apex, records);
    this.#silent = silent;
  }

  override find(name: string, type: string): ZoneAnswer {
    const answer = super.find(name, type);
    // The server itself asks for NS, on its way down.
    if (type === 'NS' || !this.#silent.has(name) || answer.kind === 'records') return answer;
    throw new Error('TIMEOUT');
  }
}

function recordsOf(name: string, entries: Scenario['zonedata'][string]): ZoneRecord[] {
  const typed = entries.filter((entry) => typeof entry === 'object').flatMap(Object.entries);
  const hasTxt = typed.some(([type]) => type === 'TXT');
  return typed.flatMap(([type, value]): ZoneRecord[] => {
    const owner = { name, ttl: 60 };
    switch (type) {
      case 'SPF':
        return hasTxt ? [] : [{ ...owner, type: 'TXT', data: strings(value) }];
      case 'TXT':
        return value === 'NONE' ? [] : [{ ...owner, type, data: strings(value) }];
      case 'MX': {
        const [preference, exchange] = value as [number, string];
        return [{ ...owner, type, data: { preference, exchange } }];
      }
      case 'A':
      case 'AAAA':
      case 'CNAME':
      case 'PTR':
        return [{ ...owner, type, data: String(value) }];
      default:
        throw new Error(`the suite has a record of type ${type}, which is not known here`);
    }
  });
}

const strings = (value: unknown): Buffer[] =>
  [value].flat().map((part) => Buffer.from(String(part), 'latin1'));
