import type { KeyDocument, KeyHistory } from '#shared/api/routes/keys.ts';
import { isProven, type Claim } from '#shared/core/model/claim.ts';
import type { DisclosedKey } from '#shared/core/model/disclosure.ts';
import { shownKey, type PastKey, type RingKey } from '#shared/core/model/key-ring.ts';
import type { DomainPorts } from './ports.ts';

/** Every key that a claim ever had, newest first: those of its ring, and those that left it. */
export async function listKeys(
  claim: Claim,
  { claims, disclosures }: Pick<DomainPorts, 'claims' | 'disclosures'>,
): Promise<KeyHistory> {
  const [past, { disclosed }] = await Promise.all([
    claims.pastKeys(claim.label),
    disclosures.of(claim.label),
  ]);
  const disclosedById = new Map(disclosed.map((key) => [key.id, key]));
  const keys = [
    ...claim.keys.map((key) => keyDocument(key, isProven(claim))),
    ...claim.keys.flatMap(preparedDocument),
    ...past.map((key) => keyDocument(key, false, disclosedById.get(key.id))),
  ];
  const newestFirst = keys.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { name: claim.domain, keys: newestFirst };
}

const preparedDocument = (slot: RingKey): KeyDocument[] =>
  slot.prepared === undefined ? [] : [{ ...keyDocument(shownKey(slot), false), state: 'prepared' }];

/** @param signs true if the claim does, with its current key */
function keyDocument(
  key: RingKey | PastKey,
  signs: boolean,
  disclosed?: DisclosedKey,
): KeyDocument {
  const { id, selector, algorithm, publicKey, createdAt, state, signed = [] } = key;
  const since = key.since ?? key.firstSignedAt;
  const goneAt = 'destroyedAt' in key ? key.destroyedAt : null;
  const now =
    signs && state === 'current' && since !== undefined ? [{ from: since, to: null }] : [];
  return {
    id,
    selector,
    algorithm,
    publicKey,
    state: goneAt === null ? state : 'gone',
    revoked: state === 'revoked',
    createdAt,
    signed: [...signed, ...now],
    goneAt,
    disclosedPrivateKey: disclosed?.privateKey ?? null,
    disclosedAt: disclosed?.disclosedAt ?? null,
  };
}
