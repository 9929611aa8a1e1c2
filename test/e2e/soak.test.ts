import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLong } from '../support/long.ts';
import { soak } from '../soak/soak.ts';
import { sharedOptions } from './support/service.ts';

const size = isLong
  ? { messages: 2_000, tenants: 5, kills: 4, rate: 0.04, changes: true }
  : { messages: 16, tenants: 1, kills: 0, rate: 0.03, changes: false };
if (!isLong)
  console.warn('*** 16 mails, killed at their end. 2000: npm run test:long, npm run soak. ***');

let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-soak-'));
});
afterAll(() => rm(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

test('under faults and a SIGKILL each accepted mail is sent once, refused, or counted as unclear', async () => {
  const seed = Number(process.env['SEED'] ?? 7);
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  // A worker's services have one clock and one DNS port, and none runs beside these.
  const local = sharedOptions();
  const proof = await soak({ ...size, seed, stateDir, log, local });
  expect({ seed, violations: proof.violations }).toEqual({ seed, violations: [] });
  expect(proof.accepted + proof.refusedAtOnce).toBe(size.messages);
  expect(proof.sentOnce + proof.refused + proof.doubled).toBe(proof.accepted);
  expect(proof.faults['calls']).toBeGreaterThan(size.messages);
}, 1_800_000);
