import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import * as packet from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import { canonicalName } from './records.ts';
import type { ZoneRecord } from './records.ts';
import { DNS_ADDRESS, resolve } from './resolution.ts';
import type { Resolution, ZoneSource } from './resolution.ts';

export interface DnsServerOptions {
  readonly sources: readonly ZoneSource[];
  /** One port for UDP and TCP; 0 takes any that is free for both. */
  readonly port: number;
  readonly host?: string;
  /** Served at further addresses, on the same port. The first that this machine does not have ends them. */
  readonly others?: readonly { readonly host: string; readonly sources: readonly ZoneSource[] }[];
  readonly log: (message: string) => void;
}

export interface DnsServer {
  readonly host: string;
  readonly port: number;
  /** The addresses served: `host`, then the others. */
  readonly addresses: readonly [string, ...string[]];
  /** The same answer that a recursive question over the wire gets. */
  resolve(name: string, type: string): Resolution;
  /** Calls a listener with the name of each query that comes, over UDP or TCP. */
  observe(listener: (name: string) => void): void;
  close(): Promise<void>;
}

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
type ReplyCode = keyof typeof RCODES;

const UDP_DEFAULT = 512;
/** The most that we send over UDP, for any client (DNS flag day 2020). */
const UDP_MAX = 1232;
const TCP_IDLE_MS = 10_000;
const ANY_PORT_ATTEMPTS = 10;

/** What a server is started with, and who listens to its queries. */
type Serving = DnsServerOptions & { readonly listeners: ((name: string) => void)[] };

interface Reply {
  readonly code: ReplyCode;
  readonly referral?: boolean;
  readonly answers: readonly ZoneRecord[];
  readonly authorities: readonly ZoneRecord[];
}

const refusal = (code: ReplyCode): Reply => ({ code, answers: [], authorities: [] });

const opcodeOf = (message: Buffer): number => (message.readUInt16BE(2) >> 11) & 0xf;

function encode(query: DecodedPacket, reply: Reply, truncated: boolean): Buffer {
  const edns = query.additionals?.some((record) => record.type === 'OPT') ?? false;
  const flags =
    RCODES[reply.code] |
    (reply.referral === true ? 0 : packet.AUTHORITATIVE_ANSWER) |
    packet.RECURSION_AVAILABLE |
    (query.flag_rd ? packet.RECURSION_DESIRED : 0) |
    (truncated ? packet.TRUNCATED_RESPONSE : 0);
  const opt: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_MAX,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return packet.encode({
    type: 'response',
    id: query.id,
    flags,
    questions: query.questions ?? [],
    answers: truncated ? [] : [...reply.answers],
    authorities: truncated ? [] : [...reply.authorities],
    additionals: edns ? [opt] : [],
  });
}

function udpLimit(query: DecodedPacket): number {
  const opt = query.additionals?.find((record) => record.type === 'OPT');
  return Math.min(UDP_MAX, Math.max(UDP_DEFAULT, opt?.udpPayloadSize ?? UDP_DEFAULT));
}

/** Answers carry the name as it was asked, so that a client that mixes case recognises it. */
function asAsked(asked: string, { answers }: Resolution): ZoneRecord[] {
  const canonical = canonicalName(asked);
  return answers.map((record) => (record.name === canonical ? { ...record, name: asked } : record));
}

/** @returns undefined where the server is to be silent */
function replyTo(
  query: DecodedPacket,
  opcode: number,
  sources: readonly ZoneSource[],
): Reply | undefined {
  if (opcode !== 0) return refusal('NOTIMP');
  const [question, ...more] = query.questions ?? [];
  if (question === undefined || more.length > 0) return refusal('FORMERR');
  if (question.class !== 'IN' || question.type === 'AXFR' || question.type === 'IXFR') {
    return refusal('REFUSED');
  }
  const resolution = resolve(sources, question, query.flag_rd);
  if (resolution.rcode === undefined) return undefined;
  return {
    code: resolution.rcode,
    referral: resolution.referral ?? false,
    answers: asAsked(question.name, resolution),
    authorities: resolution.authorities,
  };
}

/** Makes the answer to one message; undefined for what is not a query, or of a silent zone: it is dropped. */
function answer(
  message: Buffer,
  options: Pick<Serving, 'sources' | 'log' | 'listeners'>,
  limitOf: (query: DecodedPacket) => number,
): Buffer | undefined {
  let query: DecodedPacket;
  try {
    query = packet.decode(message);
  } catch (error) {
    options.log(`DNS: dropped a malformed packet of ${message.length} octets: ${String(error)}`);
    return undefined;
  }
  if (query.flag_qr) return undefined;
  for (const listener of options.listeners) listener(query.questions?.[0]?.name ?? '');
  let reply: Reply | undefined;
  try {
    reply = replyTo(query, opcodeOf(message), options.sources);
  } catch (error) {
    options.log(`DNS: ${query.questions?.[0]?.name ?? ''} failed: ${String(error)}`);
    reply = refusal('SERVFAIL');
  }
  if (reply === undefined) return undefined;
  const encoded = encode(query, reply, false);
  return encoded.length <= limitOf(query) ? encoded : encode(query, reply, true);
}

function serveTcp(socket: Socket, options: Serving): void {
  let pending = Buffer.alloc(0);
  socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    // Each message has its length in front in two octets (RFC 1035 §4.2.2).
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const response = answer(pending.subarray(2, end), options, () => 65_535);
      pending = pending.subarray(end);
      if (response === undefined) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
  });
}

function serveUdp(socket: UdpSocket, options: Serving): void {
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    const response = answer(message, options, udpLimit);
    if (response === undefined) return;
    socket.send(response, from.port, from.address, (error) => {
      if (error !== null) options.log(`DNS: could not answer ${from.address}: ${error.message}`);
    });
  });
  socket.on('error', (error) => options.log(`DNS over UDP: ${error.message}`));
}

async function bindTcp(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('TCP gave no port');
  return address.port;
}

interface Bound {
  readonly tcp: Server;
  readonly udp: UdpSocket;
  readonly port: number;
}

async function bindBoth(options: Serving, host: string): Promise<Bound> {
  for (let attempt = 1; ; attempt++) {
    const tcp = createServer((socket) => serveTcp(socket, options));
    const port = await bindTcp(tcp, options.port, host);
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      udp.bind(port, host);
      await once(udp, 'listening');
      return { tcp, udp, port };
    } catch (error) {
      // The port that TCP was given may be taken on UDP; only then is another one tried.
      tcp.close();
      udp.close();
      if (options.port !== 0 || attempt === ANY_PORT_ATTEMPTS) throw error;
    }
  }
}

/**
 * Serves the zones of all sources over UDP and TCP, as their authoritative server and as a resolver
 * that knows only them.
 */
export async function startDnsServer(given: DnsServerOptions): Promise<DnsServer> {
  const options: Serving = { ...given, listeners: [] };
  const host = options.host ?? DNS_ADDRESS;
  const first = await bindBoth(options, host);
  const { port } = first;
  const closing = [serveBound(first, options)];
  const addresses: [string, ...string[]] = [host];
  for (const { host: other, sources } of options.others ?? []) {
    const there = { ...options, port, sources };
    const bound = await bindIfThere(there, other);
    // Their order has a meaning to the sources.
    if (bound === undefined) break;
    closing.push(serveBound(bound, there));
    addresses.push(other);
  }
  return {
    host,
    port,
    addresses,
    resolve: (name, type) => resolve(options.sources, { name, type }, true),
    observe: (listener) => void options.listeners.push(listener),
    async close() {
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** @returns undefined where this machine lacks the address, or another process has its port */
async function bindIfThere(options: Serving, host: string): Promise<Bound | undefined> {
  try {
    return await bindBoth(options, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRNOTAVAIL' && code !== 'EADDRINUSE') throw error;
    const why = code === 'EADDRINUSE' ? 'its port is taken' : 'this machine does not have it';
    options.log(`DNS is not served at ${host}:${options.port}: ${why}`);
    return undefined;
  }
}

/** @returns what ends it */
function serveBound({ tcp, udp }: Bound, options: Serving): () => Promise<void> {
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  tcp.on('error', (error) => options.log(`DNS over TCP: ${error.message}`));
  serveUdp(udp, options);
  return async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([
      new Promise<void>((resolveClose) => udp.close(resolveClose)),
      new Promise<void>((resolveClose) => tcp.close(() => resolveClose())),
    ]);
  };
}
