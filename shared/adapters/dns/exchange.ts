import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import * as packet from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { RecordType } from '#shared/core/model/lookup.ts';

export interface DnsServer {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

export interface DnsQuestion {
  /** No trailing dot. */
  readonly name: string;
  readonly type: RecordType;
  /**
   * True if the server is asked to resolve (RD): yes of recursive resolvers, no of authoritative
   * servers.
   */
  readonly recursion: boolean;
  /**
   * True if a validating resolver is asked for the answer as it is, bogus or not (CD, RFC 4035
   * §3.2.2).
   */
  readonly unvalidated?: boolean;
}

export interface DnsReply {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` ... */
  readonly rcode: string;
  /** AA: the server has the zone itself. */
  readonly authoritative: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
}

/** The time-out of one try, and the number of tries. */
export interface QueryLimits {
  readonly timeoutMs: number;
  readonly tries: number;
}

/** The largest packet that fits any path (DNS flag day 2020). */
const UDP_PAYLOAD = 1232;
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

/**
 * Asks one server one question: over UDP, over TCP where the answer is truncated, without EDNS
 * where the server lacks it (RFC 6891 §7).
 *
 * @returns undefined where no valid answer came in time
 */
export async function exchange(
  server: DnsServer,
  question: DnsQuestion,
  { timeoutMs, tries }: QueryLimits,
): Promise<DnsReply | undefined> {
  if (!isEncodable(question.name)) return undefined;
  let edns = true;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    let reply = await overUdp(server, query(question, edns), timeoutMs);
    const { rcode } = reply?.response ?? {};
    if (edns && (rcode === 'FORMERR' || rcode === 'NOTIMP')) {
      edns = false;
      reply = await overUdp(server, query(question, edns), timeoutMs);
    }
    // An answer in other letters than the question's may be forged; over TCP it cannot be.
    if (reply !== undefined && (reply.response.flag_tc || !reply.inSameCase)) {
      reply = await overTcp(server, query(question, edns), timeoutMs);
    }
    if (reply !== undefined) return asReply(reply.response);
  }
  return undefined;
}

function isEncodable(name: string): boolean {
  return (
    name.length <= LONGEST_NAME &&
    name.split('.').every((label) => label.length > 0 && Buffer.byteLength(label) <= LONGEST_LABEL)
  );
}

/** dns-packet gives the response code as text; its types leave that out. */
type Response = DecodedPacket & { readonly rcode: string };

interface Query {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly message: packet.Packet;
}

/**
 * A fresh id for each query, which with a fresh source port and letters of random case is what makes
 * answers hard to forge (RFC 5452 §9).
 */
function query({ name: asked, type, recursion, unvalidated }: DnsQuestion, edns: boolean): Query {
  const id = randomInt(0x1_00_00);
  const name = inRandomCase(asked);
  const opt: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_PAYLOAD,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const message: packet.Packet = {
    type: 'query',
    id,
    flags:
      (recursion ? packet.RECURSION_DESIRED : 0) |
      (unvalidated === true ? packet.CHECKING_DISABLED : 0),
    questions: [{ name, type, class: 'IN' }],
    additionals: edns ? [opt] : [],
  };
  return { id, name, type, message };
}

/** Servers repeat the letters of a question as they came (draft-vixie-dnsext-dns0x20). */
function inRandomCase(name: string): string {
  const bits = randomBytes(name.length);
  return Array.from(name)
    .map((letter, index) =>
      (bits[index]! & 1) === 0 ? letter.toLowerCase() : letter.toUpperCase(),
    )
    .join('');
}

interface Reply {
  readonly response: Response;
  /** True if it repeats the letters of the question. */
  readonly inSameCase: boolean;
}

/** Decodes what came; undefined where it is not the answer to this very query. */
function answerTo(asked: Query, bytes: Buffer): Reply | undefined {
  let response: Response;
  try {
    response = packet.decode(bytes) as Response;
  } catch {
    // Any host can send us bytes; bytes that are not DNS are not the answer, which may yet come.
    return undefined;
  }
  if (!response.flag_qr || response.id !== asked.id) return undefined;
  const [question] = response.questions ?? [];
  if (question === undefined) {
    // Servers that understood nothing send no question back.
    const isError = response.rcode !== 'NOERROR' && response.rcode !== 'NXDOMAIN';
    return isError ? { response, inSameCase: true } : undefined;
  }
  const same = question.name.toLowerCase() === asked.name.toLowerCase();
  if (!same || question.type !== asked.type) return undefined;
  return { response, inSameCase: question.name === asked.name };
}

const asReply = (response: Response): DnsReply => ({
  rcode: response.rcode,
  authoritative: response.flag_aa,
  answers: response.answers ?? [],
  authorities: response.authorities ?? [],
});

/** One datagram from a socket of its own, bound to a random port and connected, so that only the server's answers reach it. */
function overUdp(server: DnsServer, asked: Query, timeoutMs: number): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(server.address.includes(':') ? 'udp6' : 'udp4');
    let ended = false;
    const end = (reply: Reply | undefined): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(reply);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    socket.on('error', () => end(undefined));
    socket.on('message', (bytes) => {
      const reply = answerTo(asked, bytes);
      if (reply !== undefined) end(reply);
    });
    socket.connect(server.port, server.address, () => {
      // A timeout may have closed the socket while it was connecting.
      if (ended) return;
      socket.send(packet.encode(asked.message), (error) => {
        if (error !== null) end(undefined);
      });
    });
  });
}

/** One message over a connection of its own, with its length in front (RFC 1035 §4.2.2). */
function overTcp(server: DnsServer, asked: Query, timeoutMs: number): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    const end = (reply: Reply | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
    socket.on('connect', () => socket.write(packet.streamEncode(asked.message)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const whole = 2 + received.readUInt16BE(0);
      if (received.length >= whole) end(answerTo(asked, received.subarray(2, whole)));
    });
  });
}
