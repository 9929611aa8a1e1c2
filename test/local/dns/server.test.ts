import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as packet from 'dns-packet';
import type { DecodedPacket, Packet } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ZoneRecord } from '../../../local/dns/records.ts';
import type { ZoneSource } from '../../../local/dns/resolution.ts';
import { startDnsServer } from '../../../local/dns/server.ts';
import type { DnsServer } from '../../../local/dns/server.ts';
import { Zone } from '../../../local/dns/zone.ts';
import { parseZoneFile } from '../../../local/dns/zone-file.ts';
import { zoneFiles, zoneFilesOf } from '../../../local/dns/zone-files.ts';

const SOA = '@ 60 SOA ns1.awsdns.test. hostmaster.awsdns.test. 1 7200 900 1209600 60\n';

/** Zones as Route 53 has them: below one another only by delegation. */
function hosted(files: Readonly<Record<string, string>>): ZoneSource {
  const zones = Object.entries(files).map(([apex, text]) => {
    const records: ZoneRecord[] = parseZoneFile(SOA + text, apex);
    return new Zone(apex, records);
  });
  return {
    at: (apex) =>
      zones
        .filter((zone) => zone.apex === apex)
        .map((zone) => ({ state: 'served', zone, delegation: 'required' })),
    serverAddress: (name) => (name.endsWith('.awsdns.test') ? '127.0.0.1' : undefined),
  };
}

const ZONES = hosted({
  'sd.example.net': [
    '@ NS ns1.awsdns.test.',
    's1 NS ns2.awsdns.test.',
    's2 NS elsewhere.awsdns.test.',
    '*._report._dmarc.reports TXT "v=DMARC1;"',
    'deep.empty.below A 192.0.2.7',
  ].join('\n'),
  's1.sd.example.net': [
    '@ NS ns2.awsdns.test.',
    `zero._domainkey.label TXT "${'k'.repeat(255)}" "${'l'.repeat(255)}" "${'m'.repeat(100)}"`,
    '_dmarc.label TXT "v=DMARC1; p=none"',
  ].join('\n'),
  's2.sd.example.net': '@ NS ns3.awsdns.test.\n_dmarc.label TXT "never reached"',
  's3.sd.example.net': '@ NS ns3.awsdns.test.\n_dmarc.label TXT "never reached"',
});

let directory: string;
let server: DnsServer;
let logged: string[];
const log = (message: string): void => void logged.push(message);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dns-'));
  logged = [];
  server = await startDnsServer({ sources: [ZONES, zoneFiles(directory, log)], port: 0, log });
});

afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const customer = (domain: string, text: string): void =>
  writeFileSync(join(directory, `${domain}.zone`), text);

const question = (name: string, type: packet.RecordType, more: Partial<Packet> = {}): Packet => ({
  type: 'query',
  id: 4711,
  flags: packet.RECURSION_DESIRED,
  questions: [{ name, type, class: 'IN' }],
  ...more,
});

async function overUdp(query: Packet): Promise<DecodedPacket> {
  const socket = createSocket('udp4');
  socket.send(packet.encode(query), server.port, server.host);
  const [message] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return packet.decode(message);
}

async function overTcp(query: Packet): Promise<DecodedPacket> {
  const socket = connect(server.port, server.host);
  socket.write(packet.streamEncode(query));
  let received = Buffer.alloc(0);
  while (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  socket.destroy();
  return packet.decode(received.subarray(2));
}

function resolver(): Resolver {
  const client = new Resolver({ timeout: 2000, tries: 1 });
  client.setServers([`${server.host}:${server.port}`]);
  return client;
}

const shardPolicy = (shard: string): unknown =>
  server.resolve(`_dmarc.label.${shard}.sd.example.net`, 'TXT');

const rcode = (response: DecodedPacket): number => (response.flags ?? 0) & 0xf;
const NXDOMAIN = 3;

describe('the DNS server', () => {
  test('follows a customer’s CNAME through the delegation to the shard that holds the key', async () => {
    customer('example.com', 'zero._domainkey CNAME zero._domainkey.label.s1.sd.example.net.\n');
    const [strings] = await resolver().resolveTxt('zero._domainkey.example.com');
    expect(strings?.map(({ length }) => length)).toEqual([255, 255, 100]);
  });

  test('truncates over UDP at 512 octets and gives the whole answer over TCP', async () => {
    const query = question('zero._domainkey.label.s1.sd.example.net', 'TXT');
    const udp = await overUdp(query);
    expect(udp).toMatchObject({ flag_tc: true, answers: [] });
    const tcp = await overTcp(query);
    expect(tcp).toMatchObject({ flag_tc: false, flag_aa: true, id: 4711 });
    expect(tcp.answers).toHaveLength(1);
  });

  test('uses the size that EDNS offers', async () => {
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0 } as packet.OptAnswer;
    const query = question('zero._domainkey.label.s1.sd.example.net', 'TXT', {
      additionals: [opt],
    });
    const response = await overUdp(query);
    expect(response.flag_tc).toBe(false);
    expect(response.answers).toHaveLength(1);
    expect(response.additionals).toMatchObject([{ type: 'OPT' }]);
  });

  test('knows a name without such records from no name, and gives the SOA with both', async () => {
    customer('example.com', 'www A 192.0.2.1\n');
    const noData = await overUdp(question('www.example.com', 'TXT'));
    expect(rcode(noData)).toBe(0);
    expect(noData.answers).toEqual([]);
    expect(noData.authorities).toMatchObject([{ type: 'SOA', name: 'example.com' }]);
    const noName = await overUdp(question('nothing.example.com', 'TXT'));
    expect(rcode(noName)).toBe(NXDOMAIN);
    expect(noName.authorities).toMatchObject([{ type: 'SOA', name: 'example.com' }]);
    const outside = await overUdp(question('nowhere.invalid', 'A'));
    expect(rcode(outside)).toBe(NXDOMAIN);
  });

  test('has the names between a record and its zone, empty as they are', async () => {
    expect(server.resolve('empty.below.sd.example.net', 'A')).toMatchObject({ rcode: 'NOERROR' });
    expect(server.resolve('other.below.sd.example.net', 'A')).toMatchObject({ rcode: 'NXDOMAIN' });
  });

  test('synthesizes from a wildcard at any depth below it, but not beside names that exist', () => {
    const at = (name: string): unknown => server.resolve(`${name}.reports.sd.example.net`, 'TXT');
    expect(at('a.example.org._report._dmarc')).toMatchObject({
      rcode: 'NOERROR',
      answers: [{ name: 'a.example.org._report._dmarc.reports.sd.example.net' }],
    });
    expect(at('_dmarc')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    customer('wild.example', '* TXT "w"\na.b TXT "x"\n');
    expect(server.resolve('other.b.wild.example', 'TXT')).toMatchObject({ rcode: 'NXDOMAIN' });
    expect(server.resolve('c.d.wild.example', 'TXT')).toMatchObject({ rcode: 'NOERROR' });
    expect(server.resolve('c.d.wild.example', 'A')).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
    });
  });

  test('reaches a hosted zone below another only where the delegation names its servers', () => {
    expect(shardPolicy('s1')).toMatchObject({ rcode: 'NOERROR', answers: [{ type: 'TXT' }] });
    expect(shardPolicy('s2')).toMatchObject({ rcode: 'SERVFAIL' });
    expect(shardPolicy('s3')).toMatchObject({ rcode: 'NXDOMAIN' });
  });

  test('reaches the highest hosted zone though a customer’s zone above it does not delegate', () => {
    customer('example.net', 'www A 192.0.2.1\n');
    expect(shardPolicy('s1')).toMatchObject({ rcode: 'NOERROR', answers: [{ type: 'TXT' }] });
    expect(server.resolve('www.example.net', 'A').answers).toHaveLength(1);
    customer('customer.s1.sd.example.net', '@ TXT "own"\n');
    expect(server.resolve('customer.s1.sd.example.net', 'TXT').answers).toHaveLength(1);
  });

  test('gives the name servers of a zone, and their address where no other zone has one', async () => {
    const servers = await resolver().resolveNs('s1.sd.example.net');
    expect(servers).toEqual(['ns2.awsdns.test']);
    expect(await resolver().resolve4('ns2.awsdns.test')).toEqual(['127.0.0.1']);
  });

  test('serves a customer’s zone at two addresses, where one may lag behind', async () => {
    const addresses = () => several.addresses;
    const customers = zoneFiles(directory, log, addresses);
    const lagging = zoneFilesOf(zoneFiles(join(directory, 'ns2'), log, addresses), customers);
    const several: DnsServer = await startDnsServer({
      sources: [customers],
      others: [{ host: '127.0.0.2', sources: [lagging] }],
      port: 0,
      log,
    });
    const at = (address: string): Resolver => {
      const client = new Resolver({ timeout: 2000, tries: 1 });
      client.setServers([`${address}:${several.port}`]);
      return client;
    };
    customer('example.com', 'www A 192.0.2.1\n');
    const servers = await at('127.0.0.1').resolveNs('example.com');
    expect(servers).toEqual(['ns1.customer-dns.local', 'ns2.customer-dns.local']);
    const where = await Promise.all(servers.map((host) => at('127.0.0.1').resolve4(host)));
    expect(where).toEqual([['127.0.0.1'], ['127.0.0.2']]);
    expect(await at('127.0.0.2').resolve4('www.example.com')).toEqual(['192.0.2.1']);
    customer('ns2/example.com', 'www A 192.0.2.2\n');
    expect(await at('127.0.0.2').resolve4('www.example.com')).toEqual(['192.0.2.2']);
    expect(await at('127.0.0.1').resolve4('www.example.com')).toEqual(['192.0.2.1']);
    rmSync(join(directory, 'ns2', 'example.com.zone'));
    expect(await at('127.0.0.2').resolve4('www.example.com')).toEqual(['192.0.2.1']);
    await several.close();
  });

  test('leaves out an address that this machine does not have, and says so', async () => {
    const lone = await startDnsServer({
      sources: [ZONES],
      others: [{ host: '192.0.2.1', sources: [ZONES] }],
      port: 0,
      log,
    });
    expect(lone.addresses).toEqual(['127.0.0.1']);
    expect(logged).toEqual([
      `DNS is not served at 192.0.2.1:${lone.port}: this machine does not have it`,
    ]);
    await lone.close();
  });

  test('does not care for case, and answers in the case of the question', async () => {
    customer('example.com', 'www A 192.0.2.1\n');
    const response = await overUdp(question('WwW.eXample.com', 'A'));
    expect(response.answers).toMatchObject([{ name: 'WwW.eXample.com', data: '192.0.2.1' }]);
  });

  test('leaves aliases into other zones to the resolver when asked without recursion', async () => {
    customer('example.com', '_dmarc CNAME _dmarc.label.s1.sd.example.net.\n');
    const authoritative = await overUdp(question('_dmarc.example.com', 'TXT', { flags: 0 }));
    expect(authoritative.answers).toMatchObject([{ type: 'CNAME' }]);
    const recursive = await overUdp(question('_dmarc.example.com', 'TXT'));
    expect(recursive.answers).toMatchObject([{ type: 'CNAME' }, { type: 'TXT' }]);
  });

  test('ends an alias loop with SERVFAIL, and says NXDOMAIN where a chain leads nowhere', () => {
    customer('loop.example', 'a CNAME b\nb CNAME a\nc CNAME gone.example.\n');
    expect(server.resolve('a.loop.example', 'TXT')).toMatchObject({ rcode: 'SERVFAIL' });
    expect(server.resolve('c.loop.example', 'TXT')).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: [{ type: 'CNAME' }],
    });
  });

  test('reads a zone file again when it changes, and forgets it when it goes', () => {
    customer('example.com', '@ TXT "one"\n');
    expect(server.resolve('example.com', 'TXT').answers).toHaveLength(1);
    customer('example.com', '@ TXT "one"\n@ TXT "two"\n');
    expect(server.resolve('example.com', 'TXT').answers).toHaveLength(2);
    rmSync(join(directory, 'example.com.zone'));
    expect(server.resolve('example.com', 'TXT').rcode).toBe('NXDOMAIN');
  });

  test('answers SERVFAIL for a zone whose file is wrong, says why once, and recovers', async () => {
    customer('example.com', '@ TXT "open\n');
    const response = await overUdp(question('www.example.com', 'A'));
    expect(rcode(response)).toBe(2);
    server.resolve('example.com', 'TXT');
    expect(logged).toEqual([expect.stringContaining('line 1: a quoted string is not closed')]);
    customer('example.com', '@ TXT "closed"\n');
    utimesSync(join(directory, 'example.com.zone'), 1, 1);
    expect(server.resolve('example.com', 'TXT').rcode).toBe('NOERROR');
  });

  test('gives no answer for a silent zone, but SERVFAIL as a resolver that knows its servers', async () => {
    customer('example.com', '$SILENT\nwww A 192.0.2.1\n');
    const socket = createSocket('udp4');
    const answered: number[] = [];
    socket.on('message', (message: Buffer) => void answered.push(packet.decode(message).id!));
    const ask = (id: number, name: string, flags: number): void =>
      socket.send(packet.encode({ ...question(name, 'A'), id, flags }), server.port, server.host);
    ask(1, 'www.example.com', 0);
    ask(2, 'example.com', 0);
    // Asked after it and answered: the others were dropped.
    ask(3, 'www.example.net', 0);
    await once(socket, 'message');
    socket.close();
    expect(answered).toEqual([3]);
    expect(rcode(await overUdp(question('www.example.com', 'A')))).toBe(2);
    expect((await overUdp(question('example.com', 'NS'))).answers).toMatchObject([
      { type: 'NS', data: 'ns1.customer-dns.local' },
    ]);
    expect(logged).toEqual([]);
  });

  test('drops what is not a query and goes on', async () => {
    const socket = createSocket('udp4');
    for (const junk of [Buffer.alloc(0), Buffer.from([1]), Buffer.alloc(40, 0xff)]) {
      socket.send(junk, server.port, server.host);
    }
    socket.close();
    const stream = connect(server.port, server.host);
    stream.end(Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff]));
    stream.on('data', () => expect.unreachable());
    await once(stream, 'close');
    customer('example.com', 'www A 192.0.2.1\n');
    const response = await overUdp(question('www.example.com', 'A'));
    expect(response.answers).toHaveLength(1);
  });

  test('refuses zone transfers and classes other than IN', async () => {
    const transfer = await overTcp(question('sd.example.net', 'AXFR'));
    expect(rcode(transfer)).toBe(5);
    const chaos = await overUdp(
      question('version.bind', 'TXT', {
        questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }],
      }),
    );
    expect(rcode(chaos)).toBe(5);
  });

  test('answers several questions on one TCP connection, however they are cut', async () => {
    customer('example.com', 'www A 192.0.2.1\n');
    const bytes = Buffer.concat([
      packet.streamEncode(question('www.example.com', 'A', { id: 1 })),
      packet.streamEncode(question('www.example.com', 'TXT', { id: 2 })),
    ]);
    const socket = connect(server.port, server.host);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await expect
      .poll(() => {
        const ids: number[] = [];
        for (let at = 0; at + 4 <= received.length; at += 2 + received.readUInt16BE(at)) {
          ids.push(received.readUInt16BE(at + 2));
        }
        return ids;
      })
      .toEqual([1, 2]);
    socket.destroy();
  });
});
