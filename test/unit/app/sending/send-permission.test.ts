import { expect, test } from 'vitest';
import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { sendPermissions } from '#shared/app/sending/send-permission.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

/** Claims that their tenants hold; what was read is noted. */
function givenHeld(...claims: Claim[]) {
  const reads: number[] = [];
  return {
    reads,
    getHeld: async (keys: readonly ClaimKey[]) => {
      reads.push(keys.length);
      return keys.map(({ tenant, domain }) => {
        const claim = claims.find((each) => each.tenant === tenant && each.domain === domain);
        const holding = claims.find((each) => each.domain === domain);
        return { claim, holder: holding && { ...holding, since: holding.createdAt } };
      });
    },
    everClaimedAround: async (domain: DomainName) => claims.some((each) => each.domain === domain),
  };
}

const verified = (domain: string, changes: Partial<Claim> = {}) =>
  givenClaim({ domain: domain as DomainName, status: 'verified', ...changes });
const nothing = new Set<string>();

test('each request gets its own answer, in order, from as few reads as 50 keys a read allow', async () => {
  const claims = Array.from({ length: 60 }, (_, index) => verified(`d${index}.example`));
  const store = givenHeld(...claims);
  const asked = [...claims, ...claims].map(({ tenant, domain }) => ({ tenant, domain }));
  const answers = await sendPermissions(store, nothing, asked);
  expect(answers).toEqual([...claims, ...claims].map((claim) => ({ kind: 'signed', claim })));
  expect(store.reads).toEqual([50, 10]);
});

test.each<[string, Partial<Claim>, string]>([
  ['verified', { status: 'verified' }, 'signed'],
  ['at risk', { status: 'at-risk' }, 'signed'],
  ['pending', { status: 'pending' }, 'refused'],
  ['lost', { status: 'lost' }, 'refused'],
  ['being deleted', { lifecycle: 'deleting' }, 'refused'],
])('a claim that is %s: %s', async (_, changes, kind) => {
  const claim = verified('example.com', changes);
  const allowed = new Set(['example.com']);
  const [answer] = await sendPermissions(givenHeld(claim), allowed, [claim]);
  expect(answer?.kind).toBe(kind);
});

test('a claim under another label than the holder’s may not send', async () => {
  const holding = verified('example.com');
  const rival = verified('example.com');
  const [answer] = await sendPermissions(givenHeld(holding, rival), nothing, [rival]);
  expect(answer).toMatchObject({ kind: 'refused', code: 'from-refused' });
});

test('Sender is asked for the same tenant, and refused under its own code', async () => {
  const claim = verified('example.com');
  const other = verified('example.org');
  const own = verified('own.example', { tenant: claim.tenant });
  const ask = (senderDomain: DomainName) => ({ ...claim, senderDomain });
  const answers = await sendPermissions(givenHeld(claim, other, own), nothing, [
    ask(other.domain),
    ask(own.domain),
  ]);
  expect(answers).toMatchObject([
    { kind: 'refused', code: 'sender-refused' },
    { kind: 'signed', claim },
  ]);
});

test('unsigned: on the list, and never claimed', async () => {
  const { tenant } = verified('example.com');
  const ask = (domain: string) => ({ tenant, domain: domain as DomainName });
  const answers = await sendPermissions(
    givenHeld(verified('claimed.example')),
    new Set(['plain.example', 'claimed.example']),
    [ask('plain.example'), ask('claimed.example'), ask('unlisted.example')],
  );
  expect(answers.map(({ kind }) => kind)).toEqual(['unsigned', 'refused', 'refused']);
});
