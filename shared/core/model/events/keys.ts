import { recordsToChange, type RecordToChange } from '../../records/records-to-change.ts';
import type { Claim } from '../claim.ts';
import { currentKey } from '../key-ring.ts';
import type { KeyId } from '../names.ts';
import { text, type DomainEventKind, type Happening } from './kind.ts';

/** Events of the keys of a domain. */
export const keyKinds = {
  'domain.rotated': {
    title: 'A domain moved on to its next key',
    happened:
      'another key signs: by the monthly rotation, by one that you requested, or by one that was necessary',
    data: '`selector`, `previousSelector` (null where none signed, after a compromise)',
    label: 'Another key signs',
    tone: 'success',
    summary: ({ selector, previousSelector }) =>
      previousSelector === null
        ? `Mail is signed again, with the key "${text(selector)}".`
        : `Mail is signed with the key "${text(selector)}" in place of "${text(previousSelector)}".`,
  },
  'key.revoked': {
    title: 'A key was revoked as compromised',
    happened: 'a key was revoked as compromised',
    data: '`selector`, `keyId`',
    label: 'Key revoked',
    tone: 'error',
    summary: ({ selector }) =>
      `The key "${text(selector)}" was revoked as compromised; it never signs again.`,
  },
  'rotation.prepared': {
    title: 'A key is prepared, and a record of yours is to be changed',
    happened: 'a self-hosted domain has a new key to publish; until then the current one signs',
    data: '`selector`, `keyId`, `name`, `type`, `value`, `reason` (`rotation` or `compromise`), `since`, `by`',
    label: 'A new key to publish',
    tone: 'pending',
    summary: ({ name, value }) =>
      `A new key is prepared; nothing changes before your DNS shows it. Change the TXT record named ${text(name)} to "${text(value)}".`,
  },
  'signing.held': {
    title: 'Mail waits, since the DNS of a domain leads to none of its keys',
    happened:
      'your DNS leads to none of the keys, so that receivers could not verify mail: it waits, and is refused after the hours that its `expiresAt` shows',
    data: '`selector`, `keyId`, `detail`',
    label: 'Mail waits for DNS',
    tone: 'error',
    summary: ({ detail }) =>
      `Mail waits, since receivers could not verify it. ${text(detail)} Restore the DKIM records of the domain.`,
  },
  'rotation.held_back': {
    title: 'A rotation was held back',
    happened:
      'the next key cannot sign yet; sent once for each reason, while the service retries every day',
    data: '`reason` (as in `dkim.heldBack`), `detail`',
    label: 'Rotation held back',
    tone: 'warning',
    summary: ({ detail }) => `The move to the next key waits. ${text(detail)}`,
  },
} as const satisfies Record<string, DomainEventKind>;

type Happened = Happening<keyof typeof keyKinds>;

/** Keys of a claim that were revoked or prepared, and the key that came to sign. */
export function keyChanges(before: Claim, after: Claim): Happened[] {
  const known = new Set(recordsToChange(before).map(({ keyId }) => keyId));
  const changes: Happened[] = [
    ...after.keys
      .filter((key) => key.state === 'revoked' && !isRevokedIn(before, key.id))
      .map(({ id, selector, since }): Happened => ({
        type: 'key.revoked',
        at: since ?? after.statusSince,
        data: { selector, keyId: id },
        parts: [id],
      })),
    ...recordsToChange(after)
      .filter(({ keyId }) => !known.has(keyId))
      .map(prepared),
  ];
  const [was, is] = [currentKey(before.keys), currentKey(after.keys)];
  // After a compromise that left no key that signs, the one that takes over is an event too.
  if (is === undefined || was?.id === is.id) return changes;
  const at = is.since ?? after.statusSince;
  const data = { selector: is.selector, previousSelector: was?.selector ?? null };
  return [...changes, { type: 'domain.rotated', at, data, parts: [is.id] }];
}

const isRevokedIn = ({ keys }: Claim, id: KeyId): boolean =>
  keys.some((key) => key.id === id && key.state === 'revoked');

/** Asks to change a record of a self-hosted domain, with the new value and the deadline. */
export const prepared = ({ since, keyId, ...record }: RecordToChange): Happened => ({
  type: 'rotation.prepared',
  at: since,
  data: { keyId, type: 'TXT', ...record },
  parts: [keyId],
});

/**
 * Reports that mail waits, since no key of the domain is in DNS.
 *
 * @param since when the signing key was first absent, ISO 8601
 */
export const signingHeld = ({
  keyId,
  selector,
  since,
  detail,
}: {
  readonly keyId: KeyId;
  readonly selector: string;
  readonly since: string;
  readonly detail: string;
}): Happened => ({
  type: 'signing.held',
  at: since,
  data: { keyId, selector, detail },
  parts: [keyId],
});

/**
 * Reports that a rotation waits for something other than time.
 *
 * @param since start of the wait, ISO 8601
 */
export const rotationBlocked = ({
  reason,
  detail,
  since,
}: {
  readonly reason: string;
  readonly detail: string;
  readonly since: string;
}): Happened => ({
  type: 'rotation.held_back',
  at: since,
  data: { reason, detail },
  parts: [reason],
});
