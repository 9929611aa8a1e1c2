import { beforeEach, expect, test } from 'vitest';
import { CommandError } from '../../../cli/command.ts';
import { run } from '../../../cli/identity.ts';
import { MemoryIdentityStore } from '../../fakes/identity-store.ts';
import { MemorySesIdentities } from '../../fakes/ses-identities.ts';
import { FakeTime } from '../../fakes/time.ts';
import type { DomainName } from '#shared/core/model/names.ts';

const name = 'foreign.example';
const domain = name as DomainName;

let identities: MemoryIdentityStore;
let ses: MemorySesIdentities;
beforeEach(() => {
  identities = new MemoryIdentityStore();
  ses = new MemorySesIdentities();
});

const command = async (...words: readonly [string?, string?, object?]) => {
  const [verb, subject, values = {}] = words;
  return (await run(verb, subject, values, { identities, ses, clock: new FakeTime().clock })).join(
    '\n',
  );
};

test('adopts an identity with --yes, lists it, and releases it', async () => {
  ses.givenForeign(domain, `mail.${name}`);
  expect(await command('list')).toContain('made every identity');
  expect(await command('adopt', name)).toContain('--yes');
  expect(await command('list')).toContain('made every identity');
  expect(await command('adopt', 'Foreign.Example', { yes: true })).toContain('Adopted');
  expect(await command('list')).toMatch(/^foreign\.example {2}adopted since \S+ {2}ready$/);
  expect(await command('release', name)).toContain('--yes');
  expect(await identities.get(domain)).toMatchObject({ stage: 'adopted' });
  await command('release', name, { yes: true });
  expect(await command('list')).toContain('foreign since');
  expect(ses.identities.get(domain)).toEqual({ status: 'ready', mailFrom: `mail.${name}` });
});

test('keeps the MAIL FROM where the operator says so', async () => {
  ses.givenForeign(domain, `mail.${name}`);
  const said = await command('adopt', name, { yes: true, 'keep-mail-from': true });
  expect(said).toContain('keeps its MAIL FROM');
  expect(await identities.get(domain)).toMatchObject({ keepsMailFrom: true });
});

test.each([
  ['adopt', name, 'SES has no identity foreign.example'],
  ['release', name, 'is not adopted'],
  ['adopt', undefined, 'Usage: npm run identity'],
  ['list', name, 'Usage: npm run identity'],
  [undefined, undefined, 'Usage: npm run identity'],
])('%s %s changes nothing, and says why', async (verb, subject, why) => {
  const refused = command(verb, subject, { yes: true });
  await expect(refused).rejects.toThrow(CommandError);
  await expect(refused).rejects.toThrow(why);
  expect(identities.items.size).toBe(0);
});
