import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClaimStore, HeldClaim } from '#shared/app/ports/claim-store.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { isReclaimable } from '#shared/core/model/expiry.ts';
import { namesAbove, type DomainName, type Label } from '#shared/core/model/names.ts';
import { batchGet } from '../dynamo.ts';
import type { Item } from '../item.ts';
import { every, type ReadAll } from '../readable.ts';
import { at, keyText, type ItemKey } from './keys.ts';
import type { ClaimParsers } from './parse.ts';

type PortReads = Pick<
  ClaimStore,
  | 'get'
  | 'reclaimable'
  | 'holder'
  | 'getByLabel'
  | 'getByLabels'
  | 'getHeld'
  | 'pendingCount'
  | 'domainOfRequest'
  | 'hasClaims'
  | 'everClaimedAround'
  | 'shardCounts'
>;

/** Reads by key, strongly consistent. */
export interface ClaimReads extends PortReads {
  /** Items by `keyText`. */
  readonly readMany: (
    keys: readonly ItemKey[],
    age?: 'latest' | 'recent',
  ) => Promise<Map<string, Item>>;
  /** Counters in the order of their keys; 0 where there is none yet. */
  readonly countOf: (keys: readonly ItemKey[]) => Promise<number[]>;
  /** The claims of labels, each item read as `readAll` does. */
  readonly byLabels: (labels: readonly Label[], readAll: ReadAll) => Promise<Map<Label, Claim>>;
}

export function claimReads(
  client: DynamoDBDocumentClient,
  table: string,
  parse: ClaimParsers,
): ClaimReads {
  const read = async (key: ItemKey): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  const readMany: ClaimReads['readMany'] = async (keys, age = 'latest') => {
    const items = await batchGet(client, table, keys, { consistent: age === 'latest' });
    return new Map(items.map((item) => [keyText(item), item]));
  };

  const countOf = async (keys: readonly ItemKey[]): Promise<number[]> => {
    const items = await readMany(keys);
    return keys.map((key) => {
      const item = items.get(keyText(key));
      return item === undefined ? 0 : parse.count(item);
    });
  };

  const byLabels = async (
    labels: readonly Label[],
    readAll: ReadAll,
  ): Promise<Map<Label, Claim>> => {
    const found = new Map<Label, Claim>();
    let open = [...new Set(labels)];
    // A claim retired between the two reads is found under its label the second time.
    for (let round = 1; round <= 2 && open.length > 0; round += 1) {
      const items = [...(await readMany(open.map(at.label))).values()];
      const read = readAll(items, (item) => parse.claim(item) ?? parse.claimKey(item));
      const retired = read.filter((each): each is Claim => 'label' in each);
      const live = read.filter((each) => !('label' in each));
      for (const claim of retired) found.set(claim.label, claim);
      const claimItems = [...(await readMany(live.map(at.claim))).values()];
      for (const claim of readAll(claimItems, parse.claim)) {
        if (claim !== undefined && open.includes(claim.label)) found.set(claim.label, claim);
      }
      open = live.length === 0 ? [] : open.filter((label) => !found.has(label));
    }
    return found;
  };

  return {
    readMany,
    countOf,
    byLabels,

    async get(key) {
      const item = await read(at.claim(key));
      return item && parse.claim(item);
    },

    async reclaimable(key) {
      const item = await read(at.former(key));
      const label = item && parse.formerLabel(item);
      const former = label && (await byLabels([label], every)).get(label);
      return former && isReclaimable(former) ? former : undefined;
    },

    async holder(domain) {
      const item = await read(at.holder(domain));
      return item && parse.holder(item);
    },

    async getByLabel(label) {
      return (await byLabels([label], every)).get(label);
    },

    getByLabels: (labels) => byLabels(labels, every),

    async getHeld(keys, age) {
      const wanted = keys.flatMap((key) => [at.claim(key), at.holder(key.domain)]);
      const items = await readMany(wanted, age);
      return keys.map((key): HeldClaim => {
        const claim = items.get(keyText(at.claim(key)));
        const held = items.get(keyText(at.holder(key.domain)));
        return { claim: claim && parse.claim(claim), holder: held && parse.holder(held) };
      });
    },

    async pendingCount(tenant) {
      return (await countOf([at.pending(tenant)]))[0] as number;
    },

    async domainOfRequest(tenant, idempotencyKey) {
      const item = await read(at.request(tenant, idempotencyKey));
      return item && parse.requested(item);
    },

    async hasClaims(domain) {
      return (await countOf([at.claims(domain)]))[0] !== 0;
    },

    async everClaimedAround(domain: DomainName) {
      const marks = [at.below(domain), ...[domain, ...namesAbove(domain)].map(at.claims)];
      return (await readMany(marks)).size > 0;
    },

    async shardCounts(shards) {
      const counts = await countOf(shards.map(at.shard));
      return new Map(shards.map((shard, index) => [shard, counts[index] as number]));
    },
  };
}
