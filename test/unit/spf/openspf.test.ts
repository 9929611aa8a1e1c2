import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { evaluateSpf, type SpfLookup } from '#shared/spf/evaluate.ts';

/** The openspf conformance suite lies beside the project, not in it. */
const suite = join(import.meta.dirname, '../../../../shared/data/rfc7208-tests.yml');

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

describe.runIf(available)('the openspf suite for RFC 7208', () => {
  for (const { description, tests, zonedata } of scenarios) {
    describe(`scenario: ${description}`, () => {
      for (const [name, { helo, host, mailfrom, result, explanation }] of Object.entries(tests)) {
        test(`case ${name}`, async () => {
          const verdict = await evaluateSpf(
            { ip: host, helo, mailFrom: mailfrom, receiver: 'receiver.example', epochSeconds: 1 },
            lookupIn(zonedata),
          );
          expect([result].flat()).toContain(verdict.result);
          if (explanation !== undefined && verdict.result === 'fail') {
            expect(verdict.explanation ?? 'DEFAULT').toBe(explanation);
          }
        });
      }
    });
  }

  test('is here whole', () => {
    const cases = scenarios.reduce((sum, { tests }) => sum + Object.keys(tests).length, 0);
    console.log(`openspf: ${cases} cases`);
    expect(cases).toBeGreaterThanOrEqual(199);
  });
});

/**
 * DNS as a scenario's zone data has it: SPF entries stand for TXT where no TXT entry is given, and a
 * type that has no answer times out where the data says TIMEOUT.
 */
function lookupIn(zonedata: Scenario['zonedata']): SpfLookup {
  const zone = new Map(
    Object.entries(zonedata).map(([name, entries]) => [name.toLowerCase(), entries]),
  );
  return async (name, type) => {
    const entries = follow(zone, name.toLowerCase());
    if (entries === undefined) return { outcome: 'nxdomain', values: [] };
    const typed = entries.filter((entry) => typeof entry === 'object');
    const own = typed.filter((entry) => type in entry).map((entry) => entry[type]);
    const timesOut = entries.includes('TIMEOUT');
    const given = own.filter((value) => value !== 'NONE');
    if (timesOut && given.length === 0) return { outcome: 'unknown', values: [] };
    const spf = typed.filter((entry) => 'SPF' in entry).map((entry) => entry['SPF']);
    const answers = type === 'TXT' && own.length === 0 ? spf : given;
    return { outcome: 'ok', values: answers.map((value) => valueText(type, value)) };
  };
}

function valueText(type: string, value: unknown): string {
  if (type === 'MX') return (value as unknown[]).join(' ');
  return type === 'TXT' ? [value].flat().join('') : String(value);
}

function follow(
  zone: Map<string, Scenario['zonedata'][string]>,
  name: string,
  depth = 0,
): Scenario['zonedata'][string] | undefined {
  const entries = zone.get(name.replace(/\.$/, ''));
  const cname = entries?.find(
    (entry): entry is Record<string, string> => typeof entry === 'object' && 'CNAME' in entry,
  );
  return cname === undefined || depth > 8
    ? entries
    : follow(zone, cname['CNAME']!.toLowerCase(), depth + 1);
}
