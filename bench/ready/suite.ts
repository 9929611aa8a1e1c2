import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '../../cli/service/run.ts';
import type { Line } from '../lib/line.ts';

/**
 * Measures how long the local run takes until it serves: the first start in an empty folder, and a
 * later one.
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-ready-'));
  try {
    for (const which of ['first start', 'later start']) {
      const start = performance.now();
      const local = await startLocal({ stateDir, quiet: true, fast: true });
      const seconds = (performance.now() - start) / 1000;
      await local.stop();
      emit({ suite: 'ready', case: which, subject: 'sender-domains', value: seconds, unit: 's' });
    }
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
