import { expect, test } from 'vitest';
import { keyUseNotes } from '#shared/app/note-key-use.ts';
import type { KeyUse } from '#shared/app/ports/key-uses.ts';
import { givenTenant } from '../../fakes/given-claim.ts';
import { MemoryKeyUses } from '../../fakes/key-uses.ts';

const tenant = givenTenant();

function givenNotes() {
  const keyUses = new MemoryKeyUses();
  const time = { now: new Date('2026-12-01T10:59:59.999Z') };
  const writes: KeyUse[] = [];
  const warnings: string[] = [];
  const outage = { is: false };
  const note = keyUseNotes({
    keyUses: {
      note: async (use) => {
        if (outage.is) throw new Error('out');
        writes.push(use);
        await keyUses.note(use);
      },
    },
    clock: { now: () => time.now },
    log: { warn: (message) => void warnings.push(message) },
  });
  return { keyUses, note, time, writes, warnings, outage };
}

test('a key costs one write an hour, however often it is used', async () => {
  const { keyUses, note, time, writes } = givenNotes();
  for (let call = 0; call < 500; call += 1) await note('k', tenant, '192.0.2.1');
  await note('other', tenant, '192.0.2.2');
  expect(writes).toHaveLength(2);
  time.now = new Date('2026-12-01T11:00:00.000Z');
  for (let call = 0; call < 500; call += 1) await note('k', tenant, '192.0.2.3');
  expect(writes).toHaveLength(3);
  expect(await keyUses.of(tenant)).toContainEqual({
    key: 'k',
    tenant,
    at: '2026-12-01T11:00:00.000Z',
    address: '192.0.2.3',
  });
});

test('a use that cannot be noted fails nothing, is logged, and is noted the next time', async () => {
  const { note, writes, warnings, outage } = givenNotes();
  outage.is = true;
  await note('k', tenant, '192.0.2.1');
  expect(warnings).toHaveLength(1);
  outage.is = false;
  await note('k', tenant, '192.0.2.1');
  expect(writes).toHaveLength(1);
});
