import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { domain, selector } from './subjects.ts';

/** A signer that Debian has. */
export interface DebianPeer {
  readonly name: string;
  /** The nanoseconds of its best signature of the message in a file, pinned to one core. */
  readonly measure: (messageFile: string, message: Buffer) => Promise<number>;
  readonly stop: () => void;
}

const SECONDS = 2;

/**
 * The Debian peers that are installed: python3-dkim, libmail-dkim-perl, libopendkim-dev with gcc,
 * rspamd. Says on stderr which are not.
 *
 * @param folder where to put what they need
 */
export async function debianPeers(keyFile: string, folder: string): Promise<DebianPeer[]> {
  const peers: DebianPeer[] = [];
  const missing: string[] = [];
  const add = (name: string, peer: DebianPeer | undefined): void => {
    if (peer === undefined) missing.push(name);
    else peers.push(peer);
  };
  const python = ['/usr/bin/python3', 'python3'].find((command) =>
    runs(command, ['-c', 'import dkim']),
  );
  add(
    'dkimpy',
    python === undefined ? undefined : scriptPeer('dkimpy', [python, script('dkimpy.py')], keyFile),
  );
  const perl = runs('perl', ['-MMail::DKIM', '-e1']);
  add(
    'Mail::DKIM',
    perl ? scriptPeer('Mail::DKIM', ['perl', script('mail-dkim.pl')], keyFile) : undefined,
  );
  const binary = join(folder, 'opendkim');
  const compiled = runs('gcc', ['-O2', '-o', binary, script('opendkim.c'), '-lopendkim']);
  add('libopendkim', compiled ? scriptPeer('libopendkim', [binary], keyFile) : undefined);
  add('rspamd', await startRspamd(keyFile, folder));
  for (const name of missing)
    console.error(`${name} is not installed, or does not start: it is NOT measured.`);
  return peers;
}

function script(name: string): string {
  return fileURLToPath(new URL(`peers/${name}`, import.meta.url));
}

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** `taskset` where there is one: a process that stays on its core keeps its caches. */
const pinned = runs('taskset', ['-c', '0', 'true']) ? ['taskset', '-c', '0'] : [];

/** A peer in a process that prints the seconds of its best signature. */
function scriptPeer(name: string, command: [string, ...string[]], keyFile: string): DebianPeer {
  return {
    name,
    measure: (messageFile) => {
      const [program, ...args] = [...pinned, ...command, messageFile, keyFile, String(SECONDS)];
      const seconds = Number(execFileSync(program, args, { encoding: 'utf8' }));
      return Promise.resolve(seconds * 1e9);
    },
    stop: () => {},
  };
}

/** rspamd with nothing but its signing, asked over HTTP, which is how it is used. */
async function startRspamd(keyFile: string, folder: string): Promise<DebianPeer | undefined> {
  if (!runs('rspamd', ['--version'])) return undefined;
  const port = await freePort();
  const config = join(folder, 'rspamd.conf');
  writeFileSync(join(folder, 'rules.lua'), '');
  writeFileSync(join(folder, 'suffixes'), 'com\norg\n');
  writeFileSync(config, rspamdConfig(folder, keyFile, port));
  const child = spawn('rspamd', ['-f', '-i', '-c', config], { stdio: 'ignore' });
  process.once('exit', () => child.kill()); // also where the bench ends before its time
  const agent = new Agent({ keepAlive: true });
  const sign = (message: Buffer): Promise<string> => check(port, agent, message);
  const peer: DebianPeer = {
    name: 'rspamd over HTTP',
    measure: async (_messageFile, message) => {
      let best = Number.POSITIVE_INFINITY;
      for (
        const end = performance.now() + SECONDS * 1_000;
        best === Number.POSITIVE_INFINITY || performance.now() < end;
      ) {
        const start = performance.now();
        await sign(message);
        best = Math.min(best, performance.now() - start);
      }
      return best * 1e6;
    },
    stop: () => {
      agent.destroy();
      child.kill();
    },
  };
  const probe = Buffer.from(`From: a@${domain}\r\n\r\nx\r\n`);
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt += 1) {
    const answer = await sign(probe).catch((error: unknown) => String(error)); // not up yet
    if (answer.includes('dkim-signature')) return peer;
    await setTimeout(200);
  }
  peer.stop();
  return undefined;
}

function check(port: number, agent: Agent, message: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { ip: '127.0.0.1', user: `a@${domain}`, 'content-length': message.length };
    const asked = request(
      { port, host: '127.0.0.1', path: '/checkv2', method: 'POST', agent, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      },
    );
    asked.on('error', reject);
    asked.end(message);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}

function rspamdConfig(folder: string, keyFile: string, port: number): string {
  return `
lua = "${folder}/rules.lua";
options {
  pidfile = "${folder}/rspamd.pid"; filters = "dkim"; tempdir = "${folder}"; hs_cache_dir = "${folder}";
  url_tld = "${folder}/suffixes"; dns { nameserver = ["127.0.0.1"]; timeout = 0.1s; retransmits = 0; }
}
logging { type = "console"; level = "silent"; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
actions { reject = 150; }
dkim { enabled = true; }
modules { path = "/usr/share/rspamd/plugins/dkim_signing.lua"; }
dkim_signing {
  enabled = true; path = "${keyFile}"; selector = "${selector}"; sign_authenticated = true; use_domain = "header";
  use_esld = false; allow_username_mismatch = true; allow_envfrom_empty = true; allow_hdrfrom_mismatch = true;
}
`;
}
