import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { run } from '../../../../cli/rotation.ts';
import type { OperatorPorts } from '#shared/app/rotation/operator/ports.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { currentOf, TestEnvironment } from './test-environment.ts';

let testEnvironment: TestEnvironment;
let ports: OperatorPorts;
beforeEach(() => {
  testEnvironment = new TestEnvironment();
  ports = {
    ...testEnvironment.plannerPorts,
    claims: testEnvironment.claims,
    publications: testEnvironment.publications,
  };
});

const states = async (claims: readonly Claim[]) =>
  Promise.all(claims.map(async (claim) => (await testEnvironment.states(claim)).join(', ')));

describe('npm run rotation -- emergency', () => {
  let ours: Claim[];
  let theirs: Claim;
  beforeEach(async () => {
    const first = await testEnvironment.givenVerified();
    ours = [first, await testEnvironment.givenVerified({ tenant: first.tenant })];
    theirs = await testEnvironment.givenVerified();
  });

  test('counts first, and does nothing', async () => {
    const { tenant } = ours[0]!;
    for (const values of [{ tenant }, { tenant, yes: true, 'dry-run': true }]) {
      const lines = await run('emergency', values, ports);
      expect(lines).toEqual([
        'Domains whose current key would be revoked: 2',
        '  with another key in our DNS, which then signs if theirs shows it: 2',
        '  without: their mail waits until a key is fit: 0',
        'Nothing was done. A revoked key never signs again; to do it, say --yes.',
      ]);
    }
    await testEnvironment.settle();
    expect(await testEnvironment.revokedKeys.among(ours.map(({ keys }) => keys[0].id))).toEqual(
      new Set(),
    );
  });

  test('revokes the current keys of a tenant, and no one else’s', async () => {
    await run('emergency', { tenant: ours[0]!.tenant, yes: true }, ports);
    await testEnvironment.settle();
    expect(await states(ours)).toEqual(
      Array.from({ length: 2 }, () => 'zero revoked, one current, two next'),
    );
    expect(await testEnvironment.states(theirs)).toEqual(['zero current', 'one next', 'two spare']);
    for (const claim of ours)
      expect(testEnvironment.published(claim, claim.keys[0])?.values[0]).toMatch(/p=$/);
  });

  test('of all domains counts those whose mail would wait', async () => {
    testEnvironment.publications.items.delete(`${theirs.shard} ${theirs.label}`);
    expect((await run('emergency', { all: true }, ports)).slice(0, 3)).toEqual([
      'Domains whose current key would be revoked: 3',
      '  with another key in our DNS, which then signs if theirs shows it: 2',
      '  without: their mail waits until a key is fit: 1',
    ]);
    await run('emergency', { all: true, yes: true }, ports);
    await testEnvironment.settle();
    expect((await testEnvironment.claim(theirs)).keys.map(({ state }) => state)).toContain(
      'revoked',
    );
  });

  test('declared twice revokes nothing more', async () => {
    await run('emergency', { all: true, yes: true }, ports);
    const requests = testEnvironment.rotationQueue.sent.map(({ request }) => request);
    await testEnvironment.settle();
    await testEnvironment.rotationQueue.send(requests);
    await testEnvironment.settle();
    expect(await states(ours)).toEqual(
      Array.from({ length: 2 }, () => 'zero revoked, one current, two next'),
    );
  });

  test.each([{}, { all: true, tenant: 't' as TenantId }])(
    'needs either one tenant or all: %j',
    async (values) => {
      await expect(run('emergency', values, ports)).rejects.toThrow('--tenant');
    },
  );
});

describe('npm run rotation', () => {
  test('status shows a run and what is left over, with reasons', async () => {
    expect(await run('status', {}, ports)).toEqual(['No run yet.', 'Nothing is left over.']);
    const good = await testEnvironment.givenVerified();
    const broken = await testEnvironment.givenVerified();
    testEnvironment.breakSlot(broken, broken.keys[1].selector);
    testEnvironment.breakSlot(broken, broken.keys[2].selector);
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-01T12:00:00Z');
    const lines = await run('status', {}, ports);
    expect(lines[0]).toMatch(/^Run 2026-02, started 2026-02-01T03:00:00.000Z: finished /);
    expect(lines.slice(1, -1)).toEqual([
      '  planned: 2',
      '  held-back:cname-missing: 1',
      '  rotated: 1',
      'Left over:',
      '  held-back, cname-missing: 1',
    ]);
    expect(lines.at(-1)).toContain(`${broken.domain} since 2026-02-01T0`);
    expect(await testEnvironment.states(good)).toContain('one current');
  });

  test('halt and resume', async () => {
    expect(await run('halt', { reason: 'look' }, ports)).toEqual(['No run is under way.']);
    expect(await run('resume', {}, ports)).toEqual(['No run is halted.']);
    const claim = await testEnvironment.givenVerified();
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-01T03:00:00Z');
    await run('halt', { reason: 'a feeling' }, ports);
    expect((await run('status', {}, ports))[0]).toContain('HALTED');
    await testEnvironment.until('2026-02-01T12:00:00Z');
    expect((await testEnvironment.runs.latest())?.finishedAt).toBeUndefined();
    expect(await run('resume', {}, ports)).toEqual(['The run of 2026-02 goes on.']);
    await testEnvironment.resume();
    await testEnvironment.until('2026-02-02T12:00:00Z');
    expect(await testEnvironment.states(claim)).toContain('one current');
    await expect(run('halt', {}, ports)).rejects.toThrow('--reason');
  });

  test('step-back takes the domains of a run back to the key before', async () => {
    const claims = [await testEnvironment.givenVerified(), await testEnvironment.givenVerified()];
    testEnvironment.schedule('2026-02-01T03:00:00Z');
    await testEnvironment.until('2026-02-02T03:00:00Z');
    const other = await testEnvironment.givenVerified();
    expect(await run('step-back', { period: '2026-02' }, ports)).toEqual([
      '2 domains sign with the key that the run of 2026-02 promoted. Take them back with --yes.',
    ]);
    await run('step-back', { period: '2026-02', yes: true }, ports);
    await testEnvironment.settle();
    expect(await states(claims)).toEqual(
      Array.from({ length: 2 }, () => 'zero current, one previous, two next'),
    );
    expect(currentOf(await testEnvironment.claim(other)).selector).toBe('zero');
    expect((await run('step-back', { period: '2026-02' }, ports))[0]).toMatch(/^0 domains/);
    await expect(run('step-back', { period: 'now' }, ports)).rejects.toThrow('--period');
  });

  test('prints its usage', async () => {
    await expect(run('rotate', {}, ports)).rejects.toThrow('Usage: npm run rotation');
  });
});

test('a malformed publication ends no emergency', async () => {
  const [bad, good] = [
    await testEnvironment.givenVerified(),
    await testEnvironment.givenVerified(),
  ];
  const { publications } = testEnvironment;
  const get = malformed(publications.get.bind(publications), (_, labels) =>
    labels.includes(bad.label),
  );
  const lines = await run(
    'emergency',
    { all: true, yes: true },
    { ...ports, publications: { ...publications, get } },
  );
  expect(lines.join('\n')).toContain('without: their mail waits until a key is fit: 1');
  await testEnvironment.settle();
  for (const claim of [bad, good]) {
    expect((await testEnvironment.states(claim))[0]).toBe('zero revoked');
  }
});
