import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { anyPort } from '../../../local/runtime/ports.ts';

/** Not under libfaketime: see `accepts` in export-tools.ts. */
const environment = { ...process.env, LD_PRELOAD: undefined };

export const namedIsInstalled = (): boolean =>
  spawnSync('named', ['-v'], { stdio: 'ignore', env: environment }).status === 0;

/** BIND, serving zones of ours on a port of 127.0.0.1. */
export interface Named {
  /** Asks this server alone. */
  readonly resolver: Resolver;
  stop(): Promise<void>;
}

/**
 * Starts BIND with these zones.
 *
 * @param zones the text of each zone file, by apex
 * @throws Error with what BIND says, where it does not load them
 */
export async function startNamed(zones: Readonly<Record<string, string>>): Promise<Named> {
  const directory = mkdtempSync(join(tmpdir(), 'named-'));
  const port = await anyPort();
  for (const [apex, text] of Object.entries(zones)) {
    writeFileSync(join(directory, `${apex}.zone`), text);
  }
  const file = join(directory, 'named.conf');
  writeFileSync(file, configuration(directory, port, Object.keys(zones)));
  const child = spawn('named', ['-g', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment,
  });
  const said: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true });
  };
  const log = (): string => Buffer.concat(said).toString();
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    if (/ running$/m.test(log())) break;
    await sleep(50);
  }
  const unloaded = Object.keys(zones).filter((apex) => !log().includes(`zone ${apex}/IN: loaded`));
  if (unloaded.length > 0) {
    await stop();
    throw new Error(`BIND did not load ${unloaded.join(', ')}: ${log()}`);
  }
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return { resolver, stop };
}

const configuration = (directory: string, port: number, apexes: readonly string[]): string => `
options {
  directory "${directory}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  notify no;
  empty-zones-enable no;
};
controls { };
${apexes.map((apex) => `zone "${apex}" { type primary; file "${apex}.zone"; };`).join('\n')}
`;
