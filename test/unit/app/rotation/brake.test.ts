import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { labelOf } from '#shared/core/model/names.ts';
import { waveOf } from '#shared/core/model/rotation.ts';
import { SendingTestEnvironment } from './sending-test-environment.ts';
import { currentOf, HOUR } from './test-environment.ts';

const PERIOD = '2026-02';
const labels = Array.from({ length: 4_000 }, (_, index) => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, index);
  return labelOf(bytes);
});
const ofWave = (wave: number) => labels.filter((label) => waveOf(label, PERIOD) === wave);

let testEnvironment: SendingTestEnvironment;
let first: Claim[];
let rest: Claim[];

/** Two domains of the 1% wave and two of the last, all of which send every hour. */
beforeEach(async () => {
  testEnvironment = new SendingTestEnvironment();
  const [one, two] = ofWave(1);
  const [three, four] = ofWave(3);
  first = [
    await testEnvironment.givenDomain('a.example.com', { label: one! }),
    await testEnvironment.givenDomain('b.example.com', { label: two! }),
  ];
  rest = [
    await testEnvironment.givenDomain('c.example.com', { label: three! }),
    await testEnvironment.givenDomain('d.example.com', { label: four! }),
  ];
  await testEnvironment.until('2026-01-31T12:00:00Z');
}, 60_000);

async function run(): Promise<void> {
  testEnvironment.schedule(`${PERIOD}-01T03:00:00Z`);
  const start = Date.parse(`${PERIOD}-01T00:10:00Z`);
  for (let hour = 0; hour < 24; hour += 1) {
    for (const claim of [...first, ...rest]) {
      testEnvironment.at(start + hour * HOUR, () => testEnvironment.mail(claim));
    }
  }
  await testEnvironment.until(`${PERIOD}-02T00:00:00Z`);
}

const currents = (claims: readonly Claim[]) =>
  Promise.all(claims.map(async (claim) => currentOf(await testEnvironment.claim(claim)).selector));

describe('mail of the 1% wave is verified before the next wave begins', () => {
  test('where all of it verifies the run goes on to the end', async () => {
    await run();
    expect(testEnvironment.problems).toEqual([]);
    expect(await currents([...first, ...rest])).toEqual(['one', 'one', 'one', 'one']);
    expect((await testEnvironment.runs.progress(PERIOD)).waves[1]).toMatchObject({ verified: 6 });
  });

  test('keys that are not the published ones halt it there, and no mail goes out with them', async () => {
    for (const claim of first) {
      const now = await testEnvironment.claim(claim);
      const [zero, one, two] = now.keys;
      const { forge } = testEnvironment;
      const context = {
        tenant: now.tenant,
        domain: now.domain,
        selector: one.selector,
        keyId: one.id,
      };
      const other = await forge.generate('rsa-sha256', context);
      const wrapped = other.wrappedPrivateKey.toString('base64');
      const keys: Claim['keys'] = [zero, { ...one, wrappedPrivateKey: wrapped }, two];
      await testEnvironment.claims.update(now, { ...now, version: now.version + 1, keys });
    }
    await run();
    const state = await testEnvironment.runs.latest();
    expect(state?.halted?.reason).toContain('of the wave "1%" do not verify');
    expect(await currents(rest)).toEqual(['zero', 'zero']);
    // Signing went back by itself to the key before, and every mail but those that wait left verifying.
    expect(await currents(first)).toEqual(['zero', 'zero']);
    const failing = testEnvironment.problems.filter((problem) => problem.includes('"result"'));
    expect(failing).toEqual([]);
    expect(
      testEnvironment.problems.filter((problem) => problem.includes('did not leave')),
    ).toHaveLength(2);
    expect(testEnvironment.outbound.take()).toHaveLength(2);
  });

  test('DNS that changed right after the DNS precheck halts it there', async () => {
    for (const claim of first) {
      testEnvironment.at(Date.parse(`${PERIOD}-01T03:05:00Z`), () => {
        testEnvironment.breakSlot(claim, claim.keys[1].selector, {
          txt: 'v=DKIM1; k=rsa; p=c3RhbGU=',
        });
      });
    }
    await run();
    expect((await testEnvironment.runs.latest())?.halted?.reason).toContain('2 of 2 sampled mails');
    expect(await currents(rest)).toEqual(['zero', 'zero']);
    expect(await currents(first)).toEqual(['zero', 'zero']);
  });
});
