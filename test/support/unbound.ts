import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resolver } from 'node:dns/promises';

/** A recursive, validating resolver that is not ours: unbound, of Debian's package of that name. */
export interface Unbound {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

export const unboundIsInstalled = (): boolean =>
  spawnSync('unbound', ['-V'], { stdio: 'ignore' }).status === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts unbound with one server that it takes every question to: name servers that it finds by itself
 * would be asked on port 53, where none of a test's can be.
 *
 * @param signed a domain that unbound has a trust anchor for, and whose answers must so validate
 */
export async function startUnbound(above: { port: number }, signed: string): Promise<Unbound> {
  const directory = mkdtempSync(join(tmpdir(), 'unbound-'));
  const port = await freePort();
  const file = join(directory, 'unbound.conf');
  writeFileSync(file, configuration(directory, port, above.port, signed));
  const child = spawn('unbound', ['-d', '-p', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  const address = '127.0.0.1';
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true });
  };
  const client = new Resolver({ timeout: 500, tries: 1 });
  client.setServers([`${address}:${port}`]);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const answered = await client.resolveTxt('ready.test').then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => code === 'ENOTFOUND' || code === 'ENODATA',
    );
    if (answered) return { address, port, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`unbound does not answer: ${Buffer.concat(said).toString()}`);
}

const configuration = (
  directory: string,
  port: number,
  above: number,
  signed: string,
): string => `server:
  interface: 127.0.0.1@${port}
  port: ${port}
  access-control: 127.0.0.0/8 allow
  directory: "${directory}"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-not-query-localhost: no
  do-ip6: no
  num-threads: 1
  module-config: "validator iterator"
  trust-anchor: "${signed}. DS 4711 8 2 ${'ab'.repeat(32)}"
  local-zone: "test." nodefault
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${above}
`;
