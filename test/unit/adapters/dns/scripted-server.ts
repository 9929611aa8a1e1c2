import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import * as packet from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';

export interface Scripted {
  /** `NOERROR` where left out. */
  readonly rcode?: number;
  /** AA; false where left out. */
  readonly aa?: boolean;
  readonly tc?: boolean;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
}

export interface Asked {
  /** Lower case. */
  readonly name: string;
  /** The name in the letters that were sent. */
  readonly letters: string;
  readonly type: string;
  readonly recursion: boolean;
  readonly edns: boolean;
  /** CD: whether an answer that does not validate is asked for too. */
  readonly unvalidated: boolean;
  readonly via: 'udp' | 'tcp';
  readonly id: number;
  readonly sourcePort: number;
}

/** A server's reaction to a question: it answers, keeps silent, or sends these very bytes. */
export type Script = (asked: Asked) => Scripted | Buffer | readonly Buffer[] | undefined;

export interface ScriptedServer {
  readonly address: string;
  readonly port: number;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const FORMERR = 1;
export const REFUSED = 5;

/** The bytes of an answer to what was asked, some of it changed. */
export function bytesOf(
  { id, name, letters, type }: Pick<Asked, 'id' | 'name' | 'letters' | 'type'>,
  { rcode = 0, aa = false, tc = false, answers = [], authorities = [] }: Scripted,
): Buffer {
  const flags =
    rcode | (aa ? packet.AUTHORITATIVE_ANSWER : 0) | (tc ? packet.TRUNCATED_RESPONSE : 0);
  return packet.encode({
    type: 'response',
    id,
    flags,
    // Servers repeat the letters of the question.
    questions: [
      { name: name === letters.toLowerCase() ? letters : name, type: type as 'TXT', class: 'IN' },
    ],
    answers: [...answers],
    authorities: [...authorities],
  });
}

/** A DNS server on UDP and TCP that follows a test's script. */
export async function startScripted(
  script: Script,
  { address = '127.0.0.1', port = 0 } = {},
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const answer = (bytes: Buffer, via: 'udp' | 'tcp', sourcePort: number): readonly Buffer[] => {
    const query: DecodedPacket = packet.decode(bytes);
    const [question] = query.questions!;
    const one: Asked = {
      name: question!.name.toLowerCase(),
      letters: question!.name,
      type: question!.type,
      recursion: query.flag_rd,
      unvalidated: query.flag_cd,
      edns: query.additionals!.some(({ type }) => type === 'OPT'),
      via,
      id: query.id!,
      sourcePort,
    };
    asked.push(one);
    const reply = script(one);
    if (reply === undefined) return [];
    if (Buffer.isBuffer(reply)) return [reply];
    return 'length' in reply ? reply : [bytesOf(one, reply)];
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      for (const reply of answer(data.subarray(2), 'tcp', socket.remotePort!)) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        // In two writes, for a stream keeps no boundaries.
        socket.write(Buffer.concat([length, reply.subarray(0, 5)]));
        setTimeout(() => socket.write(reply.subarray(5)), 5);
      }
    });
  });
  tcp.listen(port, address);
  await once(tcp, 'listening');
  const bound = (tcp.address() as { port: number }).port;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    for (const reply of answer(bytes, 'udp', from.port)) udp.send(reply, from.port, from.address);
  });
  udp.bind(bound, address);
  await once(udp, 'listening');
  return {
    address,
    port: bound,
    asked,
    async close() {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
