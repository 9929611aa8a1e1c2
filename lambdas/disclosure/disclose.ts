import { createPublicKey, type KeyObject } from 'node:crypto';
import { mapLimited } from '#shared/async/limit.ts';
import { pages } from '#shared/async/page.ts';
import { isProven, type Claim } from '#shared/core/model/claim.ts';
import {
  isConsentedTo,
  isFree,
  afterLookup,
  type WaitingKey,
} from '#shared/core/model/disclosure.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { allKeys } from '#shared/core/model/key-ring.ts';
import { Undecipherable } from '#shared/app/ports/key-vault.ts';
import type { DisclosureOutcome, DisclosurePorts } from './ports.ts';
import { sightingOf } from './sighting.ts';

/**
 * Checks one key that has left its ring, and publishes its private half once its public key has
 * been gone for long enough. Each step may be repeated: nothing is published twice, or by a consent
 * that was withdrawn before.
 *
 * @throws Conflict where the key or its claim was changed meanwhile; it stays due
 * @throws Throttled where KMS is out; it stays due
 */
export async function disclose(
  key: WaitingKey,
  { claims, disclosures, revokedKeys, resolver, vault, clock }: DisclosurePorts,
): Promise<DisclosureOutcome> {
  const now = clock.now().toISOString();
  const claim = await claims.getByLabel(key.label);
  if (!isConsentedTo(key, claim)) {
    await disclosures.forget(key);
    return 'withdrawn';
  }
  const obstacle = whyNot(key, claim);
  if (obstacle !== undefined) {
    await disclosures.put(afterLookup(key, 'there', now));
    return obstacle;
  }
  const sighting = await sightingOf(claim, key.publicKey, resolver);
  if (sighting !== 'gone' || !isFree(key, now)) {
    await disclosures.put(afterLookup(key, sighting, now));
    return sighting;
  }
  // From here on neither signer nor publisher takes it, though a restored backup had it in a ring.
  await revokedKeys.add(key.id, now);
  const privateKey = await unwrapped(key, vault);
  if (privateKey === undefined) {
    await disclosures.forget(key);
    return 'unusable';
  }
  const { id, label } = key;
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  await disclosures.publish(key, { id, label, privateKey: pem, disclosedAt: now }, claim);
  return 'disclosed';
}

/** A key that is back in the ring may sign, and one of a contested domain must not be published. */
function whyNot({ id }: WaitingKey, claim: Claim): 'in-ring' | 'not-proven' | undefined {
  if (allKeys(claim.keys).some((key) => key.id === id)) return 'in-ring';
  return isProven(claim) ? undefined : 'not-proven';
}

/** @returns undefined where it cannot be unwrapped, or is not the recorded public key's other half */
async function unwrapped(
  key: WaitingKey,
  vault: DisclosurePorts['vault'],
): Promise<KeyObject | undefined> {
  const { tenant, domain, selector, id: keyId, publicKey, wrappedPrivateKey } = key;
  try {
    const context = { tenant, domain, selector, keyId };
    const privateKey = await vault.unwrap(Buffer.from(wrappedPrivateKey, 'base64'), context);
    return publicHalf(privateKey) === publicKey ? privateKey : undefined;
  } catch (error) {
    if (error instanceof Undecipherable) return undefined;
    throw error;
  }
}

/** The `p=` of a key's record: the SPKI or, of Ed25519, its last 32 bytes (RFC 8463 §4). */
function publicHalf(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const bytes = privateKey.asymmetricKeyType === 'ed25519' ? spki.subarray(-32) : spki;
  return bytes.toString('base64');
}

const PAGE = 100;
const AT_ONCE = 20;

/**
 * Checks every key that is due, the longest due first, until the deadline; the rest is left to the
 * next call. One that fails holds up no other.
 *
 * @param deadline epoch milliseconds
 * @throws AggregateError with the errors of the checks, once all have ended
 */
export async function discloseDue(ports: DisclosurePorts, deadline: number): Promise<void> {
  const { clock, disclosures, log } = ports;
  const now = clock.now().toISOString();
  const failures: unknown[] = [];
  const isOver = (): boolean => clock.now().getTime() >= deadline;
  const disclose1 = async (key: WaitingKey): Promise<void> => {
    if (isOver()) return;
    try {
      log(key, await disclose(key, ports));
    } catch (error) {
      if (!(error instanceof Conflict)) failures.push(error);
    }
  };
  for await (const { keys } of pages((from) => disclosures.due(now, { limit: PAGE, ...from }))) {
    await mapLimited(keys, { tasks: AT_ONCE }, disclose1);
    if (isOver()) break;
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} keys could not be looked at`);
  }
}
