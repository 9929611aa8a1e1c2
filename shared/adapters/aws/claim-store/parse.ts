import type {
  Claim,
  ClaimKey,
  DisclosureConsent,
  Expiring,
  FlattenedInclude,
  Holder,
  Rotated,
  ShareLink,
  SpfSettings,
  StatusReason,
} from '#shared/core/model/claim.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { KeyMaterial, PastKey, RingKey, SigningPeriod } from '#shared/core/model/key-ring.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { PolicyStep, RollOut, Stage, SourceDecisions } from '#shared/core/model/roll-out.ts';
import {
  flag,
  keyedReader,
  listOf,
  number,
  object,
  oneOf,
  optional,
  yes,
  parse,
  text,
  noneOrThree,
  type Check,
  type Fields,
  type Item,
} from '../item.ts';

/** The fields of a key. */
export const keyMaterial: Fields<KeyMaterial> = {
  id: text(),
  algorithm: oneOf('rsa-sha256', 'ed25519-sha256'),
  publicKey: text(),
  wrappedPrivateKey: text(),
  createdAt: text(),
};

const ringKeyFields: Fields<RingKey> = {
  ...keyMaterial,
  selector: text(),
  state: oneOf('spare', 'next', 'current', 'previous', 'revoked'),
  since: optional(text()),
  firstSignedAt: optional(text()),
  lastSignedAt: optional(text()),
  signed: optional(listOf(object<SigningPeriod>({ from: text(), to: text() }))),
  seenSince: optional(text()),
  prepared: optional(object<KeyMaterial>(keyMaterial)),
};

const { wrappedPrivateKey: _, prepared: _none, ...pastKeyFields } = ringKeyFields;
const pastKey = object<PastKey>({ ...pastKeyFields, destroyedAt: text() });

const stage: Check<Stage> = oneOf('none', 'quarantine', 'reject');

/** The DMARC policy of a claim. */
export const dmarcPolicy = object<DmarcPolicy>({
  p: stage,
  sp: optional(stage),
  np: optional(stage),
  adkim: optional(oneOf('r', 's')),
  aspf: optional(oneOf('r', 's')),
  fo: optional(text()),
  t: optional(oneOf('y', 'n')),
  psd: optional(oneOf('y', 'n')),
  rua: optional(listOf(text())),
  ruf: optional(listOf(text())),
});

const rollOut = object<RollOut>({
  startsAt: text(),
  ceiling: stage,
  consent: object<RollOut['consent']>({ reject: optional(text()), none: optional(text()) }),
  confirmed: listOf(text()),
  ignored: listOf(text()),
  learned: listOf(text()),
  since: object<RollOut['since']>({ p: text(), sp: text() }),
  held: optional(
    object<NonNullable<RollOut['held']>>({
      since: text(),
      why: text(),
      sources: listOf(text()),
    }),
  ),
});

const policyStep = object<PolicyStep>({
  at: text(),
  tag: oneOf('p', 'sp'),
  from: stage,
  to: stage,
  why: text(),
});

const spfSettings = object<SpfSettings>({
  mechanisms: listOf(text()),
  all: optional(oneOf('~all', '-all', '?all')),
  flattened: optional(
    listOf(
      object<FlattenedInclude>({
        include: text(),
        addresses: optional(listOf(text())),
        since: optional(text()),
      }),
    ),
  ),
  records: optional(number),
});

/** A claim. */
export const claim = object<Claim>({
  tenant: text(),
  domain: text(),
  label: text(),
  shard: text(),
  version: number,
  lifecycle: oneOf('live', 'deleting', 'tombstone', 'expired'),
  status: oneOf('pending', 'verified', 'at-risk', 'lost'),
  statusSince: text(),
  // Customers read its reason, which decides nothing.
  statusReason: optional(object<StatusReason>({ reason: text(), detail: text() })),
  hosting: optional(oneOf('service', 'self', 'delegated')),
  purpose: optional(oneOf('sending', 'parked')),
  keys: noneOrThree(object<RingKey>(ringKeyFields)),
  dmarc: optional(dmarcPolicy),
  dmarcStart: optional(text()),
  rollOut: optional(rollOut),
  sources: optional(
    object<SourceDecisions>({ confirmed: listOf(text()), ignored: listOf(text()) }),
  ),
  policyHistory: optional(listOf(policyStep)),
  spf: spfSettings,
  createdAt: text(),
  verifiedAt: optional(text()),
  deletedAt: optional(text()),
  pendingWhileDeleting: optional(yes),
  seenAt: optional(text()),
  expiring: optional(object<Expiring>({ since: text(), expiresAt: text() })),
  expiredAt: optional(text()),
  shareLinks: optional(
    listOf(object<ShareLink>({ hash: text(), createdAt: optional(text()), expiresAt: text() })),
  ),
  idempotencyKey: optional(text()),
  rotated: optional(object<Rotated>({ period: text(), wave: optional(number), at: text() })),
  ownIdentityView: optional(flag),
  disclosure: optional(object<DisclosureConsent>({ consentedAt: text() })),
});

const holder = object<Holder>({ domain: text(), tenant: text(), label: text(), since: text() });
const claimKey = object<ClaimKey>({ tenant: text(), domain: text() });

const request = object<Pick<ClaimKey, 'domain'>>({ domain: text() });
const formerLabel = object<Pick<Claim, 'label'>>({ label: text() });
const counter = object<{ readonly count: number }>({ count: number });

/** Reads the items of one claims table. */
export interface ClaimParsers {
  /**
   * The claim in an item: a claim's own item or, once retired, its label's; undefined for every other
   * kind of item.
   *
   * @throws StoredItemError
   */
  readonly claim: (item: Item) => Claim | undefined;
  /** @throws StoredItemError */
  readonly pastKey: (item: Item) => PastKey;
  /** @throws StoredItemError */
  readonly holder: (item: Item) => Holder;
  /** The claim that a label's item names. @throws StoredItemError */
  readonly claimKey: (item: Item) => ClaimKey;
  /** The domain that an Idempotency-Key was used for. @throws StoredItemError */
  readonly requested: (item: Item) => DomainName;
  /** The label of a claim that may be claimed again. @throws StoredItemError */
  readonly formerLabel: (item: Item) => Label;
  /** A counter. @throws StoredItemError */
  readonly count: (item: Item) => number;
}

export function claimParsers(table: string): ClaimParsers {
  const liveClaim = keyedReader(table, claim);
  const requested = keyedReader(table, request);
  const former = keyedReader(table, formerLabel);
  const count = keyedReader(table, counter);
  return {
    claim: (item) => {
      const { pk, sk, tombstone: retired } = item;
      if (String(sk).startsWith('claim#')) return liveClaim(item);
      if (sk !== 'label' || retired === undefined) return undefined;
      return parse(claim, retired, { table, key: { pk, sk } });
    },
    pastKey: keyedReader(table, pastKey),
    holder: keyedReader(table, holder),
    claimKey: keyedReader(table, claimKey),
    requested: (item) => requested(item).domain,
    formerLabel: (item) => former(item).label,
    count: (item) => count(item).count,
  };
}
