import type { Answer } from 'dns-packet';
import { afterEach, expect, test } from 'vitest';
import { dnsResolver } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { runCheck } from '#shared/app/checks/run-check.ts';
import { DOMAIN, TestEnvironment } from '../../app/checks/test-environment.ts';
import { startScripted, type Script, type ScriptedServer } from './scripted-server.ts';
import { skippingWaits } from './skipped-waits.ts';

const queryLimits = { timeoutMs: 2_000, tries: 2 };
const MOST_ASKED = 6;

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const hosts = Array.from({ length: 16 }, (_, index) => ({
  name: `ns${index}.${DOMAIN}`,
  address: `127.0.1.${index + 1}`,
}));

/** Resolvers that know the domain's name servers, and wait for them in vain for all else. */
const recursive: Script = ({ name, type }) => {
  const [host] = hosts.filter((one) => one.name === name);
  if (host !== undefined) {
    return { answers: type === 'A' ? [{ type: 'A', name, data: host.address }] : [] };
  }
  if (name === DOMAIN && type === 'NS') {
    const answers = hosts.map((one): Answer => ({ type: 'NS', name, data: one.name }));
    return { answers };
  }
  return { rcode: 2 };
};

test('sixteen silent name servers cost a check twelve packets and one time-out', async () => {
  const resolvers = await startScripted(recursive);
  servers.push(resolvers);
  const { port } = resolvers;
  const silent = await Promise.all(
    hosts.map(({ address }) => startScripted(() => undefined, { address, port })),
  );
  servers.push(...silent);
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim();
  const resolver = dnsResolver({
    topOf: registrableDomain,
    resolvers: [resolvers],
    authoritativePort: port,
    queryLimits,
  });

  const { result: outcome, waited } = await skippingWaits(servers, () =>
    runCheck(claim, { ...testEnvironment.ports, resolver }),
  );

  const packets = silent.map(({ asked }) => asked.length);
  console.info(
    `16 silent servers: ${packets.reduce((sum, one) => sum + one)} packets to them, ${resolvers.asked.length} to the resolver, ${waited / 1000} s of waiting`,
  );
  expect(waited).toBe(queryLimits.tries * queryLimits.timeoutMs);
  expect(packets.filter((count) => count > 0)).toEqual(
    Array.from({ length: MOST_ASKED }, () => queryLimits.tries),
  );
  expect(new Set(outcome?.result?.records.map(({ status }) => status))).toEqual(
    new Set(['unknown', 'preparing']),
  );
  expect(outcome?.claim).toEqual(claim);
});
