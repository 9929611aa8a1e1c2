import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'dns-packet';
import type { Question } from './question.ts';

interface Symbol {
  readonly options?: readonly string[];
}

/**
 * Verifies by a worker of rspamd that knows nothing but DKIM, with a DNS server of the keys.
 *
 * @param clock the library that `clock.c` makes
 */
export async function askRspamd(
  messages: readonly Buffer[],
  question: Question,
  clock: string,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rspamd-'));
  const dns = await serveKeys(question.keys);
  const port = await freePort();
  writeFileSync(join(folder, 'tld'), 'com\nnet\nexample\n');
  writeFileSync(join(folder, 'rspamd.conf'), configuration(folder, port, dns.address().port));
  const rspamd = start(folder, clock, question.time);
  try {
    await listening(port, rspamd);
    const verdicts: string[] = [];
    for (const message of messages) verdicts.push(await verdictOf(port, message, question.domain));
    return verdicts;
  } finally {
    rspamd.kill();
    await new Promise((resolve) => rspamd.once('close', resolve));
    dns.close();
    rmSync(folder, { recursive: true });
  }
}

/** The clock is set by a library that is preloaded; one of ours, in the place of any other. */
const start = (folder: string, clock: string, time: number): ChildProcess =>
  spawn('rspamd', ['--no-fork', '--insecure', '--config', join(folder, 'rspamd.conf')], {
    env: { PATH: process.env['PATH'], LD_PRELOAD: clock, CLOCK_START: String(time) },
    stdio: 'ignore',
  });

const configuration = (folder: string, port: number, dnsPort: number): string => `
options {
  pidfile = "${folder}/pid";
  filters = "dkim";
  tempdir = "${folder}";
  hs_cache_dir = "${folder}";
  url_tld = "${folder}/tld";
  dns { nameserver = ["127.0.0.1:${dnsPort}:1"]; timeout = 5s; retransmits = 5; }
}
logging { type = "file"; filename = "${folder}/log"; level = "error"; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
dkim { check_local = true; check_authed = true; max_sigs = 20; }
`;

async function listening(port: number, rspamd: ChildProcess): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    if (rspamd.exitCode !== null) throw new Error(`rspamd ended with ${rspamd.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/ping`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('rspamd does not answer');
}

async function verdictOf(port: number, message: Buffer, domain: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/checkv2`, {
    method: 'POST',
    body: new Uint8Array(message),
  });
  const { symbols } = (await answer.json()) as { symbols: Record<string, Symbol> };
  const ours = Object.entries(symbols).filter(
    ([name, { options }]) =>
      name.startsWith('R_DKIM_') && options?.some((option) => option.startsWith(`${domain}:`)),
  );
  const names = ours.map(([name]) => name).join(' ');
  return names === 'R_DKIM_ALLOW' ? 'pass' : names || Object.keys(symbols).join(' ');
}

/** A DNS server that has these TXT records and no others. */
async function serveKeys(keys: Readonly<Record<string, string>>): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { id, questions = [] } = decode(message);
    const name = questions[0]?.name ?? '';
    const record = keys[name.toLowerCase()];
    const strings = record?.match(/.{1,255}/g);
    const answers = strings == null ? [] : [{ name, type: 'TXT' as const, ttl: 60, data: strings }];
    const code = answers.length === 0 ? NXDOMAIN : 0;
    const flags = RECURSION | code;
    socket.send(
      encode({ id: id ?? 0, type: 'response', flags, questions, answers }),
      port,
      address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

const NXDOMAIN = 3;
/** Recursion desired and available. */
const RECURSION = 0x0180;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
