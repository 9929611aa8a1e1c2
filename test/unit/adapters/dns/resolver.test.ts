import type { Answer } from 'dns-packet';
import { afterEach, describe, expect, test } from 'vitest';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { likelyRegistrableDomain } from '#shared/adapters/dns/zone-servers.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import {
  bytesOf,
  FORMERR,
  NXDOMAIN,
  REFUSED,
  SERVFAIL,
  startScripted,
  type Script,
  type Scripted,
  type ScriptedServer,
} from './scripted-server.ts';
import { skippingWaits } from './skipped-waits.ts';

/** A time that no machine takes for an answer; where servers keep silent it is skipped. */
const queryLimits = { timeoutMs: 10_000, tries: 2 };
const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function givenServer(script: Script, at?: { address: string; port: number }) {
  const server = await startScripted(script, at);
  servers.push(server);
  return server;
}

const givenResolver = (...recursive: ScriptedServer[]): Resolver =>
  dnsResolver({
    topOf: registrableDomain,
    resolvers: recursive,
    authoritativePort: recursive[0]!.port,
    queryLimits,
  });

const txt = (name: string, ...strings: string[]): Answer => ({ type: 'TXT', name, data: strings });
const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, data });
const ns = (name: string, data: string): Answer => ({ type: 'NS', name, data });
const a = (name: string, data: string): Answer => ({ type: 'A', name, data });
const soa = (name: string): Answer => ({
  type: 'SOA',
  name,
  data: { mname: 'ns', rname: 'root', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 },
});

describe('a recursive resolver', () => {
  test('is asked to recurse, with EDNS, each time with another id from another port', async () => {
    const server = await givenServer(({ name }) => ({ answers: [txt(name, 'here')] }));
    const resolver = givenResolver(server);
    for (let time = 0; time < 8; time += 1) await resolver.lookup('a.example', 'TXT');
    expect(
      server.asked.every(({ recursion, edns, via }) => recursion && edns && via === 'udp'),
    ).toBe(true);
    expect(new Set(server.asked.map(({ id }) => id)).size).toBeGreaterThan(6);
    expect(new Set(server.asked.map(({ sourcePort }) => sourcePort)).size).toBeGreaterThan(2);
  });

  test('is asked again where its first answer was lost', async () => {
    let times = 0;
    const server = await givenServer(({ name }) => {
      times += 1;
      return times === 1 ? undefined : { answers: [txt(name, 'late')] };
    });
    const resolver = givenResolver(server);
    const { result } = await skippingWaits(servers, () => resolver.lookup('a.example', 'TXT'));
    expect(result.values).toEqual(['late']);
  });

  test('that keeps silent leaves the answer unknown, in bounded time', async () => {
    const server = await givenServer(() => undefined);
    const resolver = givenResolver(server);
    const { result, waited } = await skippingWaits(servers, () =>
      resolver.lookup('a.example', 'TXT'),
    );
    expect(result.outcome).toBe('unknown');
    expect(waited).toBe(queryLimits.tries * queryLimits.timeoutMs);
    expect(server.asked).toHaveLength(2);
  });

  test.each([
    ['SERVFAIL', SERVFAIL],
    ['REFUSED', REFUSED],
  ])('that answers %s is passed over for the next one', async (_name, rcode) => {
    const broken = await givenServer(() => ({ rcode }));
    const sound = await givenServer(({ name }) => ({ answers: [txt(name, 'sound')] }));
    expect((await givenResolver(broken, sound).lookup('a.example', 'TXT')).values).toEqual([
      'sound',
    ]);
    expect((await givenResolver(broken).lookup('a.example', 'TXT')).outcome).toBe('unknown');
  });

  test('that is not there leaves the answer unknown', async () => {
    const server = await startScripted(() => undefined);
    await server.close();
    expect((await givenResolver(server).lookup('a.example', 'TXT')).outcome).toBe('unknown');
  });

  test('is believed in what answers the question, not in what else arrives', async () => {
    const server = await givenServer((asked) => [
      Buffer.from('no DNS at all'),
      bytesOf({ ...asked, id: asked.id ^ 1 }, { answers: [txt(asked.name, 'other id')] }),
      bytesOf({ ...asked, name: 'b.example' }, { answers: [txt(asked.name, 'other name')] }),
      bytesOf({ ...asked, type: 'A' }, { answers: [txt(asked.name, 'other type')] }),
      bytesOf(asked, { answers: [txt(asked.name, 'true')] }),
    ]);
    expect((await givenResolver(server).lookup('a.example', 'TXT')).values).toEqual(['true']);
  });

  test('whose answer is truncated is asked over TCP', async () => {
    const server = await givenServer(({ name, via }) =>
      via === 'udp' ? { tc: true } : { answers: [txt(name, 'x'.repeat(255), 'y'.repeat(255))] },
    );
    expect((await givenResolver(server).lookup('a.example', 'TXT')).values).toEqual([
      'x'.repeat(255) + 'y'.repeat(255),
    ]);
    expect(server.asked.map(({ via }) => via)).toEqual(['udp', 'tcp']);
  });

  test('is asked in letters of random case, and over TCP where it does not repeat them', async () => {
    const server = await givenServer((asked) => [
      bytesOf({ ...asked, letters: '' }, { answers: [txt(asked.name, asked.via)] }),
    ]);
    const name = 'a-long-name-with-many-letters.example';
    expect((await givenResolver(server).lookup(name, 'TXT')).values).toEqual(['tcp']);
    expect(server.asked.map(({ via }) => via)).toEqual(['udp', 'tcp']);
    expect(server.asked[0]!.letters).not.toBe(name);
    expect(server.asked[0]!.letters.toLowerCase()).toBe(name);
  });

  test('that does not know EDNS is asked without', async () => {
    const server = await givenServer(({ name, edns }) =>
      edns ? { rcode: FORMERR } : { answers: [txt(name, 'plain')] },
    );
    expect((await givenResolver(server).lookup('a.example', 'TXT')).values).toEqual(['plain']);
  });

  test('that stops in the middle of a chain of CNAMEs is asked to go on', async () => {
    const server = await givenServer(({ name }) =>
      name === 'a.example'
        ? { answers: [cname(name, 'b.example')] }
        : { answers: [txt(name, 'end')] },
    );
    expect(await givenResolver(server).lookup('a.example', 'TXT')).toEqual({
      outcome: 'ok',
      values: ['end'],
      cnames: ['b.example'],
      ttl: expect.any(Number),
    });
  });

  test('that says a chain ends without such a record is believed', async () => {
    const server = await givenServer(({ name }) => ({
      answers: [cname(name, 'B.Example')],
      authorities: [soa('example')],
    }));
    expect(await givenResolver(server).lookup('a.example', 'TXT')).toEqual({
      outcome: 'ok',
      values: [],
      cnames: ['b.example'],
    });
    expect(server.asked).toHaveLength(1);
  });

  test.each([
    [8, 'ok'],
    [9, 'unknown'],
  ])('a chain of %i CNAMEs is %s', async (length, outcome) => {
    const chain = Array.from({ length }, (_, i) => cname(`${i}.example`, `${i + 1}.example`));
    const server = await givenServer(() => ({
      answers: [...chain, txt(`${length}.example`, 'end')],
    }));
    const found = await givenResolver(server).lookup('0.example', 'TXT');
    expect(found.outcome).toBe(outcome);
    // The same, one CNAME an answer.
    const slow = await givenServer(({ name }) => {
      const at = Number(name.split('.')[0]);
      return { answers: [at === length ? txt(name, 'end') : cname(name, `${at + 1}.example`)] };
    });
    expect((await givenResolver(slow).lookup('0.example', 'TXT')).outcome).toBe(outcome);
  });

  test('NXDOMAIN at the end of a chain is distinct from the name itself', async () => {
    const server = await givenServer(({ name }) => ({
      rcode: NXDOMAIN,
      answers: [cname(name, 'gone.example')],
    }));
    expect(await givenResolver(server).lookup('a.example', 'TXT')).toEqual({
      outcome: 'nxdomain',
      values: [],
      cnames: ['gone.example'],
    });
  });

  test('gives at most 100 values', async () => {
    const server = await givenServer(({ name, via }) =>
      via === 'udp'
        ? { tc: true }
        : { answers: Array.from({ length: 150 }, (_, i) => txt(name, `value ${i}`)) },
    );
    expect((await givenResolver(server).lookup('a.example', 'TXT')).values).toHaveLength(100);
  });
});

/** The resolvers' answers about a zone and its name servers' addresses. */
const delegation =
  (zone: string, ...addresses: string[]) =>
  (name: string, type: string): Scripted => {
    if (name === zone && type === 'NS') {
      return { answers: addresses.map((_, i) => ns(zone, `ns${i}.${zone}`)) };
    }
    const [, index] = /^ns(\d)\./.exec(name) ?? [];
    if (index !== undefined && type === 'A') {
      return { answers: [a(name, addresses[Number(index)]!)] };
    }
    return { rcode: NXDOMAIN };
  };

/** The resolvers' answers about `sch.example`, and the address of the servers of a zone below it. */
const shopBelowSch = (name: string, type: string): Scripted =>
  name === 'ns.shop.sch.example' && type === 'A'
    ? { answers: [a(name, '127.0.0.3')] }
    : delegation('sch.example', '127.0.0.2')(name, type);

describe('the authoritative servers', () => {
  const port = 0;
  const slot = 'zero._domainkey.mail.example.com';
  const target = cname(slot, 'zero._domainkey.l.s1.sd.example.net');

  /** A resolver that knows where the servers of a zone are, and servers on loopback addresses with one port. */
  async function givenZone(
    answersOf: (name: string, type: string) => Scripted,
    scripts: Record<string, Script>,
  ) {
    const recursive = await givenServer(({ name, type }) => answersOf(name, type), {
      address: '127.0.0.1',
      port,
    });
    const own: Record<string, ScriptedServer> = {};
    for (const [address, script] of Object.entries(scripts)) {
      own[address] = await givenServer(script, { address, port: recursive.port });
    }
    return { recursive, own, resolver: givenResolver(recursive) };
  }

  test('are each asked, without recursion', async () => {
    const { own, resolver } = await givenZone(delegation('example.com', '127.0.0.2', '127.0.0.3'), {
      '127.0.0.2': () => ({ aa: true, answers: [target] }),
      '127.0.0.3': () => ({ aa: true, rcode: NXDOMAIN }),
    });
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([
      { outcome: 'ok', values: [], cnames: ['zero._domainkey.l.s1.sd.example.net'], ttl: 0 },
      { outcome: 'nxdomain', values: [], cnames: [] },
    ]);
    const asked = Object.values(own).flatMap((server) => server.asked);
    expect(asked).toHaveLength(2);
    expect(asked.every(({ recursion }) => !recursion)).toBe(true);
  });

  test('that are lame or silent do not count, those that fail answer nothing', async () => {
    const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];
    const { resolver } = await givenZone(delegation('example.com', ...addresses), {
      '127.0.0.2': () => ({ answers: [target] }),
      '127.0.0.3': () => undefined,
      '127.0.0.4': () => ({ aa: true, rcode: SERVFAIL }),
      '127.0.0.5': () => ({ aa: true, answers: [target] }),
    });
    const { result } = await skippingWaits(servers, () => resolver.authoritative(slot, 'TXT'));
    expect(result.map(({ outcome }) => outcome).toSorted()).toEqual(['ok', 'unknown']);
  });

  test('that kept silent once are asked no more, by any name', async () => {
    const addresses = ['127.0.0.2', '127.0.0.3'];
    const { own, resolver } = await givenZone(delegation('example.com', ...addresses), {
      '127.0.0.2': () => undefined,
      '127.0.0.3': () => ({ aa: true, answers: [target] }),
    });
    const names = ['zero', 'one', 'two', 'three'].map((slot) => `${slot}._domainkey.example.com`);
    const { result } = await skippingWaits(servers, async () => {
      await Promise.all(names.map((name) => resolver.authoritative(name, 'TXT')));
      return resolver.authoritative(slot, 'TXT');
    });
    expect(result).toHaveLength(1);
    // Two tries of one question.
    expect(own['127.0.0.2']!.asked).toHaveLength(2);
    expect(own['127.0.0.3']!.asked).toHaveLength(5);
  });

  test('are at most six, however many the zone names', async () => {
    const addresses = Array.from({ length: 9 }, (_, index) => `127.0.0.${index + 2}`);
    const answering = addresses.map((address): [string, Script] => [
      address,
      () => ({ aa: true, answers: [target] }),
    ]);
    const { resolver } = await givenZone(
      delegation('example.com', ...addresses),
      Object.fromEntries(answering),
    );
    expect(await resolver.authoritative(slot, 'TXT')).toHaveLength(6);
  });

  test('are found by a referral where the search starts too high', async () => {
    const name = 'zero._domainkey.shop.sch.example';
    const { recursive } = await givenZone(shopBelowSch, {
      '127.0.0.2': () => ({ authorities: [ns('shop.sch.example', 'ns.shop.sch.example')] }),
      '127.0.0.3': () => ({ aa: true, answers: [txt(name, 'key')] }),
    });
    const resolver = dnsResolver({
      topOf: likelyRegistrableDomain,
      resolvers: [recursive],
      authoritativePort: recursive.port,
      queryLimits,
    });
    const [answer] = await resolver.authoritative(name, 'TXT');
    expect(answer?.values).toEqual(['key']);
  });

  test('with an address that is not public are left out', async () => {
    const { recursive, own } = await givenZone(delegation('example.com', '127.0.0.2'), {
      '127.0.0.2': () => ({ aa: true, answers: [target] }),
    });
    const resolver = dnsResolver({
      topOf: registrableDomain,
      resolvers: [recursive],
      authoritativePort: recursive.port,
      publicOnly: true,
      queryLimits,
    });
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([]);
    expect(own['127.0.0.2']!.asked).toEqual([]);
  });

  test('none of which answers leave nothing', async () => {
    const { resolver } = await givenZone(delegation('example.com', '127.0.0.2'), {
      '127.0.0.2': () => ({ rcode: REFUSED }),
    });
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([]);
  });

  test('are found without asking any resolver for the name itself', async () => {
    const { recursive, resolver } = await givenZone(delegation('example.com', '127.0.0.2'), {
      '127.0.0.2': () => ({ aa: true, rcode: NXDOMAIN }),
    });
    await resolver.authoritative(slot, 'TXT');
    expect(recursive.asked.map(({ name }) => name)).not.toContain(slot);
    expect(recursive.asked.map(({ name }) => name)).not.toContain('_domainkey.mail.example.com');
  });

  test('refer down to a zone of its own', async () => {
    const { resolver } = await givenZone(
      (name, type) => {
        if (name === 'ns.keys.example' && type === 'A') return { answers: [a(name, '127.0.0.3')] };
        return delegation('example.com', '127.0.0.2')(name, type);
      },
      {
        '127.0.0.2': () => ({
          authorities: [ns('_domainkey.mail.example.com', 'ns.keys.example')],
        }),
        '127.0.0.3': () => ({ aa: true, answers: [target] }),
      },
    );
    expect(await resolver.authoritative(slot, 'TXT')).toHaveLength(1);
  });

  test.each([
    ['upward', 'com'],
    ['to itself', 'example.com'],
    ['aside', 'other.example.com'],
  ])('that refer %s are lame', async (_way, zone) => {
    const { resolver } = await givenZone(delegation('example.com', '127.0.0.2'), {
      '127.0.0.2': () => ({ authorities: [ns(zone, 'ns0.example.com')] }),
    });
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([]);
  });

  test('are those of the subdomain where only that is a zone', async () => {
    const { resolver } = await givenZone(delegation('mail.example.com', '127.0.0.2'), {
      '127.0.0.2': () => ({ aa: true, answers: [target] }),
    });
    expect(await resolver.authoritative(slot, 'TXT')).toHaveLength(1);
  });

  test('are those above where the domain is no zone, which they may say does not exist', async () => {
    const { resolver } = await givenZone(delegation('com', '127.0.0.2'), {
      '127.0.0.2': () => ({ aa: true, rcode: NXDOMAIN }),
    });
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([
      { outcome: 'nxdomain', values: [], cnames: [] },
    ]);
  });

  test("are not passed over for their parent's where the resolvers do not know", async () => {
    const { own, resolver } = await givenZone(
      (name, type) =>
        name.endsWith('example.com') && type === 'NS'
          ? { rcode: SERVFAIL }
          : delegation('com', '127.0.0.2')(name, type),
      { '127.0.0.2': () => ({ aa: true, rcode: NXDOMAIN }) },
    );
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([]);
    expect(own['127.0.0.2']!.asked).toEqual([]);
  });

  test('of what a CNAME leads to are not those of the name', async () => {
    const { resolver } = await givenZone(
      (name, type) =>
        name === 'mail.example.com' && type === 'NS'
          ? {
              answers: [
                cname(name, 'provider.example'),
                ns('provider.example', 'ns0.provider.example'),
              ],
            }
          : delegation('example.com', '127.0.0.2')(name, type),
      { '127.0.0.2': () => ({ aa: true, answers: [target] }) },
    );
    expect(await resolver.authoritative(slot, 'TXT')).toHaveLength(1);
  });

  test('are queried again at once where they were not found', async () => {
    let registered = false;
    const { resolver } = await givenZone(
      (name, type) =>
        registered ? delegation('example.com', '127.0.0.2')(name, type) : { rcode: NXDOMAIN },
      { '127.0.0.2': () => ({ aa: true, answers: [target] }) },
    );
    expect(await resolver.authoritative(slot, 'TXT')).toEqual([]);
    registered = true;
    expect(await resolver.authoritative(slot, 'TXT')).toHaveLength(1);
  });
});

const known =
  (zone: string, ...addresses: string[]): Script =>
  ({ name, type }) =>
    delegation(zone, ...addresses)(name, type);

const registryAlone: Script = ({ name, type }) => {
  if (name.endsWith('example.com') && type === 'NS') return { rcode: SERVFAIL };
  if (name === 'ns.hoster.example') return { answers: [a(name, '127.0.0.3')] };
  return delegation('com', '127.0.0.2')(name, type);
};

describe('the delegation of a domain', () => {
  const at = { address: '127.0.0.1', port: 0 };
  const zoneSoa = { aa: true, answers: [soa('example.com')] };

  /**
   * Returns the delegation found with these answers of the resolvers, and of the zone's server at
   * 127.0.0.2.
   */
  async function found(resolvers: Script, own: Script = () => undefined) {
    const recursive = await givenServer(resolvers, at);
    await givenServer(own, { address: '127.0.0.2', port: recursive.port });
    return givenResolver(recursive).delegation('mail.example.com');
  }
  test('is served where its servers have it, and is known by them', async () => {
    expect(await found(known('example.com', '127.0.0.2'), () => zoneSoa)).toEqual({
      state: 'served',
      zone: 'example.com',
      nameServers: ['ns0.example.com'],
    });
  });

  test('is in the zone that the answer says, where that is a deeper one', async () => {
    const { zone } = await found(known('example.com', '127.0.0.2'), () => ({
      aa: true,
      answers: [soa('mail.example.com')],
    }));
    expect(zone).toBe('mail.example.com');
  });

  test('is none where the registrable domain does not exist', async () => {
    expect(await found(() => ({ rcode: NXDOMAIN }))).toEqual({
      state: 'no-such-domain',
      nameServers: [],
    });
  });

  test.each([
    ['refuse', { rcode: REFUSED }],
    ['answer without authority', {}],
  ])('is broken where the servers named %s', async (_how, answer) => {
    const { state } = await found(known('example.com', '127.0.0.2'), () => answer);
    expect(state).toBe('not-delegated');
  });

  test('is broken where the servers named are nowhere', async () => {
    const { state } = await found(({ name, type }) =>
      name === 'example.com' && type === 'NS'
        ? { answers: [ns(name, 'ns.gone.example')] }
        : { rcode: name === 'example.com' ? 0 : NXDOMAIN },
    );
    expect(state).toBe('not-delegated');
  });

  test('is broken where those that the registry names do not have it', async () => {
    const resolvers = await givenServer(registryAlone, at);
    const { port } = resolvers;
    await givenServer(() => ({ authorities: [ns('example.com', 'ns.hoster.example')] }), {
      address: '127.0.0.2',
      port,
    });
    await givenServer(() => ({ rcode: REFUSED }), { address: '127.0.0.3', port });
    expect(await givenResolver(resolvers).delegation('mail.example.com')).toEqual({
      state: 'not-delegated',
      zone: 'example.com',
      nameServers: ['ns.hoster.example'],
    });
  });

  test('is bogus where it is answered only without validation', async () => {
    const { state, nameServers } = await found(({ name, unvalidated }) =>
      unvalidated ? { answers: [ns(name, 'ns0.example.com')] } : { rcode: SERVFAIL },
    );
    expect({ state, nameServers }).toEqual({ state: 'bogus', nameServers: ['ns0.example.com'] });
  });

  test.each([
    ['the resolvers fail', () => ({ rcode: SERVFAIL })],
    ['its servers are silent', known('example.com', '127.0.0.2')],
  ])('is not known where %s', async (_why, resolvers) => {
    const { result } = await skippingWaits(servers, () => found(resolvers));
    expect(result.state).toBe('unknown');
  });
});

describe('the list of resolvers', () => {
  test('has addresses, with a port or without', () => {
    expect(parseServers('192.0.2.1, 127.0.0.1:5353,2001:db8::1,[::1]:53')).toEqual([
      { address: '192.0.2.1', port: 53 },
      { address: '127.0.0.1', port: 5353 },
      { address: '2001:db8::1', port: 53 },
      { address: '::1', port: 53 },
    ]);
  });

  test.each(['', 'dns.example', '192.0.2.1:', '192.0.2.1:99999', '192.0.2.1,'])(
    'is refused as %j',
    (list) => {
      expect(() => parseServers(list)).toThrow(/is not a resolver/);
    },
  );

  test('must not be empty', () => {
    expect(() =>
      dnsResolver({ topOf: registrableDomain, resolvers: [], authoritativePort: 53 }),
    ).toThrow(/no recursive/);
  });
});

test.each([
  ['mail.example.com', 'example.com'],
  ['a.b.example.co.uk', 'example.co.uk'],
  ['example.com.au', 'example.com.au'],
  ['sap.de', 'sap.de'],
  ['com', 'com'],
])('the zone of %s is searched from %s on, without a list', (host, top) => {
  expect(likelyRegistrableDomain(host as DomainName)).toBe(top);
});
