/**
 * The resources that all files of this project share, made before the first of them and gone after
 * the last.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { builtDashboard } from '../../../dashboard/build.ts';
import { anyPort } from '../../../local/runtime/ports.ts';
import { rsaKeyPairs } from '../../support/rsa-key-pairs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of assemblies that services share. */
    assemblies: string;
    /** The folder of the state of services that files of a worker share. */
    states: string;
    /** The file of key pairs that KMS of each service begins with. */
    keyPairs: string;
    /**
     * A port of DNS for each worker: templates name it, so that services with the same one share an
     * assembly.
     */
    dnsPorts: readonly number[];
  }
}

/** For a hundred domains, of three keys each, and those that a service keeps in stock. */
const KEY_PAIRS = 350;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sender-domains-shared-'));
  const keyPairs = join(folder, 'key-pairs.json');
  const [dnsPorts, made] = await Promise.all([
    freePorts(project.config.maxWorkers),
    rsaKeyPairs(KEY_PAIRS),
    // Not by the first services, which start at once and would each build it.
    builtDashboard(),
  ]);
  await writeFile(keyPairs, JSON.stringify(made));
  project.provide('assemblies', join(folder, 'assemblies'));
  project.provide('states', join(folder, 'states'));
  project.provide('keyPairs', keyPairs);
  project.provide('dnsPorts', dnsPorts);
  // Processes of a shared service end a moment after their worker.
  return () => rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 });
}

/** DNS ports, which no other process gets between two files. */
async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await anyPort('udp'));
  return [...found];
}
