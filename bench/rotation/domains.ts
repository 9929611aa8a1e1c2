import { newClaim, type Claim } from '#shared/core/model/claim.ts';
import { shardNames, type Deployment } from '#shared/core/model/deployment.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import type { KeyRing, KeyState, RingKey } from '#shared/core/model/key-ring.ts';
import {
  encodeRandom128,
  keyIdOf,
  labelOf,
  type DomainName,
  type Label,
  type Selector,
  type ShardName,
  type TenantId,
} from '#shared/core/model/names.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import { recordKey } from '#shared/core/records/changes.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { DAY_MS } from '#shared/core/time.ts';

/** When the simulated run begins. */
export const START = '2026-11-01T03:00:00.000Z';
const daysBefore = (days: number) => new Date(Date.parse(START) - days * DAY_MS).toISOString();
const BORN = daysBefore(62);
const ROTATED = daysBefore(31);

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** An RSA-2048 public key is 392 characters of base64; KMS wraps its private half to some 1,700. */
const PUBLIC_FILLER = 'A'.repeat(392 - 28);
const WRAPPED = 'B'.repeat(1_700);

/**
 * Makes each domain from its number when it is asked for, so that a million take no more room than
 * a thousand. Each was verified long ago, rotated a month ago, and is INSYNC.
 */
export class Domains {
  readonly count: number;
  readonly deployment: Deployment;
  readonly shards: readonly ShardName[];
  readonly #tenant = `t_${encodeRandom128(new Uint8Array(16))}` as TenantId;

  constructor(count: number) {
    this.count = count;
    this.deployment = {
      zone: 'sd.example.net' as DomainName,
      shards: Math.ceil(count / CLAIMS_PER_SHARD),
      region: 'eu-west-1',
      selectors: ['zero', 'one', 'two'] as unknown as Deployment['selectors'],
      bounceLabel: 'bounces',
      senders: ['include:amazonses.com'],
    };
    this.shards = shardNames(this.deployment);
  }

  /** The number that a label was made of. */
  indexOfLabel(label: Label): number {
    let bits = 0n;
    for (const character of label) bits = (bits << 5n) | BigInt(BASE32.indexOf(character));
    // 26 characters are 130 bits: 2 of padding, then the salt, then the number.
    return Number((bits >> 34n) & 0xff_ff_ff_ffn);
  }

  /** The labels of a shard in order, from behind one on. */
  labels(shard: ShardName, after: Label | undefined, limit: number): Label[] {
    if (this.#listed.shard !== shard) this.#listed = { shard, labels: this.#labelsOf(shard) };
    const { labels } = this.#listed;
    const start = after === undefined ? 0 : labels.findIndex((label) => label > after);
    return start === -1 ? [] : labels.slice(start, start + limit);
  }

  /** The shard that was listed last. */
  #listed: { readonly shard: ShardName | undefined; readonly labels: readonly Label[] } = {
    shard: undefined,
    labels: [],
  };

  #labelsOf(shard: ShardName): Label[] {
    const first = this.shards.indexOf(shard) * CLAIMS_PER_SHARD;
    const length = Math.min(this.count - first, CLAIMS_PER_SHARD);
    return Array.from({ length }, (_, index) => this.label(first + index)).sort();
  }

  /** Spreads the numbers as random labels would be. */
  label(index: number): Label {
    return labelOf(bytesOf(index, 0));
  }

  claim(index: number): Claim {
    const [zero, one, two] = this.deployment.selectors;
    const key = (selector: Selector, state: KeyState, changes: Partial<RingKey>): RingKey => {
      const id = keyIdOf(bytesOf(index, 1 + this.deployment.selectors.indexOf(selector)));
      return {
        id,
        selector,
        state,
        algorithm: 'rsa-sha256',
        publicKey: `${PUBLIC_FILLER}${id}`,
        wrappedPrivateKey: WRAPPED,
        createdAt: BORN,
        ...changes,
      };
    };
    const keys: KeyRing = [
      key(zero, 'previous', { since: ROTATED, lastSignedAt: ROTATED }),
      key(one, 'current', { since: ROTATED, firstSignedAt: ROTATED }),
      key(two, 'next', { since: ROTATED }),
    ];
    const claim = newClaim({
      tenant: this.#tenant,
      domain: `d${index}.example.com` as DomainName,
      label: this.label(index),
      shard: this.shards[Math.floor(index / CLAIMS_PER_SHARD)]!,
      keys,
      dmarc: { p: 'none', sp: 'none' },
      createdAt: BORN,
    });
    return { ...claim, version: 5, status: 'verified', verifiedAt: BORN };
  }

  publication(claim: Claim): Publication {
    const records = hostedRecords(claim, this.deployment);
    return {
      shard: claim.shard,
      label: claim.label,
      revision: 7,
      claimVersion: claim.version,
      records,
      insyncSince: Object.fromEntries(records.map((each) => [recordKey(each), ROTATED])),
      pending: {},
    };
  }
}

/** Returns 16 arbitrary bytes that are unique to the number. */
function bytesOf(index: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.imul(index + 1, 2_654_435_761) >>> 0);
  view.setUint32(4, Math.imul(index + 1, 2_246_822_519) >>> 0);
  view.setUint32(8, index);
  view.setUint32(12, salt);
  return bytes;
}
