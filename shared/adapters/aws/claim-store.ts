import {
  GetCommand,
  PutCommand,
  ScanCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import {
  countsAsPending,
  isSelfHosted,
  lostClaim,
  type Claim,
  type ClaimKey,
  type Holder,
} from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { PastKey } from '#shared/core/model/key-ring.ts';
import {
  ancestors,
  type DomainName,
  type KeyId,
  type Label,
  type ShardName,
  type TenantId,
} from '#shared/core/model/names.ts';
import {
  ShardFull,
  type ClaimPage,
  type ClaimStore,
  type HeldClaim,
} from '#shared/app/ports/claim-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { batchGet, conditionally, transact, type TransactWrite, queryAll } from './dynamo.ts';
import { putWaiting } from './waiting-key.ts';

type Item = Record<string, unknown>;

/** The keys of the claims table; docs/architecture.md says what lies under each. */
const at = {
  claim: ({ tenant, domain }: ClaimKey) => ({ pk: `tenant#${tenant}`, sk: `claim#${domain}` }),
  pending: (tenant: TenantId) => ({ pk: `tenant#${tenant}`, sk: 'pending' }),
  request: (tenant: TenantId, key: string) => ({ pk: `tenant#${tenant}`, sk: `request#${key}` }),
  holder: (domain: DomainName) => ({ pk: `domain#${domain}`, sk: 'holder' }),
  claims: (domain: DomainName) => ({ pk: `domain#${domain}`, sk: 'claims' }),
  selfHosted: ({ domain, label }: Pick<Claim, 'domain' | 'label'>) => ({
    pk: `domain#${domain}`,
    sk: `self#${label}`,
  }),
  below: (domain: DomainName) => ({ pk: `domain#${domain}`, sk: 'below' }),
  label: (label: Label) => ({ pk: `label#${label}`, sk: 'label' }),
  pastKey: (label: Label, id: KeyId) => ({ pk: `label#${label}`, sk: `key#${id}` }),
  shard: (shard: ShardName) => ({ pk: `shard#${shard}`, sk: 'count' }),
};

const keyText = ({ pk, sk }: Item) => `${String(pk)} ${String(sk)}`;

/**
 * The claim in an item of the claims table: a claim's own item or, once buried, its label's;
 * undefined for every other kind of item.
 */
function claimOfItem(item: Item): Claim | undefined {
  const { pk: _pk, sk, tombstone, ...rest } = item;
  if (String(sk).startsWith('claim#')) return rest as unknown as Claim;
  return sk === 'label' ? (tombstone as Claim | undefined) : undefined;
}

const pastKeyOf = ({ pk: _pk, sk: _sk, ...rest }: Item): PastKey => rest as unknown as PastKey;

const holderOf = ({ pk: _pk, sk: _sk, ...rest }: Item): Holder => rest as unknown as Holder;

/** A claim that still is the one that was read, as the condition of a write: the same version of the same label. */
export const unchangedClaim = (claim: Claim) => ({
  Key: at.claim(claim),
  ConditionExpression: '#version = :version AND #label = :label',
  ExpressionAttributeNames: { '#version': 'version', '#label': 'label' },
  ExpressionAttributeValues: { ':version': claim.version, ':label': claim.label },
});

/**
 * Claims, holders, labels and their counters on DynamoDB.
 *
 * @param disclosures the table that keys to be disclosed go to; none where none are
 */
export function dynamoClaimStore(
  client: DynamoDBDocumentClient,
  table: string,
  disclosures?: string,
): ClaimStore {
  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  const readMany = async (
    keys: readonly { pk: string; sk: string }[],
  ): Promise<Map<string, Item>> =>
    new Map(
      (await batchGet(client, table, keys, { consistent: true })).map((item) => [
        keyText(item),
        item,
      ]),
    );

  const get = async (key: ClaimKey): Promise<Claim | undefined> => {
    const item = await read(at.claim(key));
    return item && claimOfItem(item);
  };

  const holder = async (domain: DomainName): Promise<Holder | undefined> => {
    const item = await read(at.holder(domain));
    return item && holderOf(item);
  };

  const countOf = async (keys: readonly { pk: string; sk: string }[]): Promise<number[]> => {
    const items = await readMany(keys);
    return keys.map((key) => (items.get(keyText(key))?.['count'] as number | undefined) ?? 0);
  };

  /** Replaces a claim where it still is the one that was read. */
  const replaceClaim = (before: Claim, next: Claim) => {
    const { Key: _key, ...condition } = unchangedClaim(before);
    return { TableName: table, Item: { ...at.claim(next), ...next }, ...condition };
  };

  const putNew = (item: Item): TransactWrite => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  const remove = (key: Item): TransactWrite => ({ Delete: { TableName: table, Key: key } });

  /** Adds to a counter; refused where it has come to `limit` already. */
  const add = (key: Item, amount: 1 | -1, limit?: number): TransactWrite => ({
    Update: {
      TableName: table,
      Key: key,
      UpdateExpression: 'ADD #count :amount',
      ...(limit === undefined
        ? {}
        : { ConditionExpression: 'attribute_not_exists(#count) OR #count < :limit' }),
      ExpressionAttributeNames: { '#count': 'count' },
      ExpressionAttributeValues: {
        ':amount': amount,
        ...(limit === undefined ? {} : { ':limit': limit }),
      },
    },
  });

  const request = (claim: Claim, key: string): TransactWrite =>
    putNew({ ...at.request(claim.tenant, key), domain: claim.domain });

  const removeRequest = (claim: Claim): TransactWrite[] =>
    claim.idempotencyKey === undefined
      ? []
      : [remove(at.request(claim.tenant, claim.idempotencyKey))];

  /** The counter of pending claims moves with a claim that enters or leaves `pending`. */
  const pendingChange = (before: Claim, next: Claim, limit?: number): TransactWrite[] => {
    const change = Number(countsAsPending(next)) - Number(countsAsPending(before));
    return change === 0
      ? []
      : [add(at.pending(next.tenant), change > 0 ? 1 : -1, change > 0 ? limit : undefined)];
  };

  /** The note by which a claim that hosts its keys itself is found from its domain. */
  const selfHostedChange = (before: Claim | undefined, next: Claim): TransactWrite[] => {
    const [was, is] = [before !== undefined && isSelfHosted(before), isSelfHosted(next)];
    if (was === is) return [];
    return [
      is ? { Put: { TableName: table, Item: at.selfHosted(next) } } : remove(at.selfHosted(next)),
    ];
  };

  /** Ends the holding by this claim; whether it holds can only change with the claim's own version. */
  const endHolding = async (claim: Claim): Promise<TransactWrite[]> => {
    const held = await holder(claim.domain);
    return held?.label === claim.label ? [remove(at.holder(claim.domain))] : [];
  };

  /** One plain conditional put where nothing else is to be written with it. */
  const write = async (
    before: Claim,
    next: Claim,
    others: readonly TransactWrite[],
    onConditionFailed?: (failed: readonly TransactWrite[]) => void,
  ): Promise<void> => {
    const what = `the claim of ${next.domain}`;
    const put = replaceClaim(before, next);
    if (others.length === 0) {
      await conditionally(what, () => client.send(new PutCommand(put)));
      return;
    }
    const writes = [{ Put: put }, ...others];
    await transact(client, what, writes, (failed) => {
      if (!failed.includes(0))
        onConditionFailed?.(failed.map((index) => writes[index] as TransactWrite));
    });
  };

  return {
    get,
    holder,

    async create(claim, limits) {
      const marks = ancestors(claim.domain).map(at.below);
      // Marks are for ever, so one that is there need not be written again; that keeps claims below
      // one name from meeting at its mark.
      const marked = await readMany(marks);
      const claimWrite = putNew({ ...at.claim(claim), ...claim });
      const pendingWrite = add(at.pending(claim.tenant), 1, limits.pendingPerTenant);
      const shardWrite = add(at.shard(claim.shard), 1, limits.claimsPerShard);
      const requestWrites =
        claim.idempotencyKey === undefined ? [] : [request(claim, claim.idempotencyKey)];
      const writes = [
        claimWrite,
        pendingWrite,
        shardWrite,
        putNew({
          ...at.label(claim.label),
          tenant: claim.tenant,
          domain: claim.domain,
          shard: claim.shard,
        }),
        add(at.claims(claim.domain), 1),
        ...requestWrites,
        ...selfHostedChange(undefined, claim),
        ...marks
          .filter((mark) => !marked.has(keyText(mark)))
          .map((mark): TransactWrite => ({ Put: { TableName: table, Item: mark } })),
      ];
      await transact(client, `the claim of ${claim.domain}`, writes, (indexes) => {
        const failed = new Set(indexes.map((index) => writes[index]));
        if (failed.has(claimWrite)) throw alreadyClaimed(claim.domain);
        if (requestWrites.some((one) => failed.has(one))) throw keyReused();
        if (failed.has(pendingWrite)) throw tooManyPending(limits.pendingPerTenant);
        if (failed.has(shardWrite)) throw new ShardFull(claim.shard);
      });
    },

    async pendingCount(tenant) {
      return (await countOf([at.pending(tenant)]))[0] as number;
    },

    async domainOfRequest(tenant, idempotencyKey) {
      return (await read(at.request(tenant, idempotencyKey)))?.['domain'] as DomainName | undefined;
    },

    async getByLabel(label) {
      return (await byLabels([label])).get(label);
    },

    getByLabels: byLabels,

    async getHeld(keys) {
      const items = await readMany(keys.flatMap((key) => [at.claim(key), at.holder(key.domain)]));
      return keys.map((key): HeldClaim => {
        const claim = items.get(keyText(at.claim(key)));
        const held = items.get(keyText(at.holder(key.domain)));
        return { claim: claim && claimOfItem(claim), holder: held && holderOf(held) };
      });
    },

    async list(tenant, { cursor, limit, prefix = '' }) {
      const name = `claims of ${tenant} ${prefix}`;
      const after = cursor === undefined ? undefined : decodeCursor(name, cursor);
      const query = {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :claims)',
        ExpressionAttributeValues: { ':pk': `tenant#${tenant}`, ':claims': `claim#${prefix}` },
        ExclusiveStartKey:
          after === undefined ? undefined : at.claim({ tenant, domain: after as DomainName }),
        ConsistentRead: true,
      };
      // One more than asked tells whether another page follows.
      const claims = claimsIn(await queryAll(client, query, limit + 1));
      const shown = claims.slice(0, limit);
      const last = shown.at(-1);
      return {
        claims: shown,
        cursor: claims.length > limit && last ? encodeCursor(name, last.domain) : undefined,
      };
    },

    async scan({ cursor, limit }): Promise<ClaimPage> {
      const page = await client.send(
        new ScanCommand({
          TableName: table,
          FilterExpression: 'begins_with(sk, :claims)',
          ExpressionAttributeValues: { ':claims': 'claim#' },
          ExclusiveStartKey:
            cursor === undefined
              ? undefined
              : (JSON.parse(decodeCursor('all claims', cursor)) as Item),
          Limit: limit,
        }),
      );
      return {
        claims: claimsIn(page.Items),
        cursor:
          page.LastEvaluatedKey &&
          encodeCursor('all claims', JSON.stringify(page.LastEvaluatedKey)),
      };
    },

    async update(before, next, limits) {
      const pending = pendingChange(before, next, limits?.pendingPerTenant);
      const requests =
        next.idempotencyKey === undefined || next.idempotencyKey === before.idempotencyKey
          ? []
          : [...removeRequest(before), request(next, next.idempotencyKey)];
      const hosting = selfHostedChange(before, next);
      await write(before, next, [...pending, ...requests, ...hosting], (failed) => {
        if (failed.some((one) => pending.includes(one)))
          throw tooManyPending(limits?.pendingPerTenant);
        throw keyReused();
      });
    },

    async changeKeys(before, next, gone, toDisclose = []) {
      const past = gone.map((key): TransactWrite => ({
        Put: { TableName: table, Item: { ...at.pastKey(next.label, key.id), ...key } },
      }));
      const kept =
        disclosures === undefined ? [] : toDisclose.map((key) => putWaiting(disclosures, key));
      await write(before, next, [...past, ...kept]);
    },

    async pastKeys(label) {
      const found = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :keys)',
        ExpressionAttributeValues: { ':pk': `label#${label}`, ':keys': 'key#' },
        ConsistentRead: true,
      });
      return found.map(pastKeyOf);
    },

    async hold(before, next, now) {
      const present = await holder(next.domain);
      if (present?.label === next.label) return write(before, next, pendingChange(before, next));
      const rival = present && (await get(present));
      const taken: Holder = {
        domain: next.domain,
        tenant: next.tenant,
        label: next.label,
        since: now,
      };
      const takeHolder: TransactWrite = {
        Put: {
          TableName: table,
          Item: { ...at.holder(next.domain), ...taken },
          ...(present === undefined
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: '#label = :label',
                ExpressionAttributeNames: { '#label': 'label' },
                ExpressionAttributeValues: { ':label': present.label },
              }),
        },
      };
      await write(before, next, [
        takeHolder,
        ...(rival?.label === present?.label && rival !== undefined && rival.status !== 'lost'
          ? [{ Put: replaceClaim(rival, lostClaim(rival, now)) }]
          : []),
        ...pendingChange(before, next),
      ]);
    },

    async release(before, next) {
      await write(before, next, [...(await endHolding(before)), ...pendingChange(before, next)]);
    },

    async bury(before, tombstone) {
      const { domain, label, shard, tenant } = before;
      const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } =
        replaceClaim(before, tombstone);
      await transact(client, `the claim of ${domain}`, [
        {
          Delete: {
            TableName: table,
            Key: at.claim(before),
            ConditionExpression,
            ExpressionAttributeNames,
            ExpressionAttributeValues,
          },
        },
        {
          Put: { TableName: table, Item: { ...at.label(label), tenant, domain, shard, tombstone } },
        },
        add(at.claims(domain), -1),
        ...(await endHolding(before)),
        ...removeRequest(before),
        ...(countsAsPending(before) ? [add(at.pending(tenant), -1)] : []),
        ...(isSelfHosted(before) ? [remove(at.selfHosted(before))] : []),
        ...(tombstone.lifecycle === 'expired' ? [add(at.shard(shard), -1)] : []),
      ]);
      return { lastOfDomain: (await countOf([at.claims(domain)]))[0] === 0 };
    },

    async selfHosted(domain) {
      const found = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :self)',
        ExpressionAttributeValues: { ':pk': `domain#${domain}`, ':self': 'self#' },
        ConsistentRead: true,
      });
      const labels = found.map(({ sk }) => String(sk).slice(5) as Label);
      return [...(await byLabels(labels)).values()];
    },

    async hasClaims(domain) {
      return (await countOf([at.claims(domain)]))[0] !== 0;
    },

    async everClaimedAround(domain) {
      const marks = [at.below(domain), ...[domain, ...ancestors(domain)].map(at.claims)];
      return (await readMany(marks)).size > 0;
    },

    async shardCounts(shards) {
      const counts = await countOf(shards.map(at.shard));
      return new Map(shards.map((shard, index) => [shard, counts[index] as number]));
    },
  };

  async function byLabels(labels: readonly Label[]): Promise<Map<Label, Claim>> {
    const found = new Map<Label, Claim>();
    let open = [...new Set(labels)];
    // A claim buried between the two reads is found under its label the second time.
    for (let round = 1; round <= 2 && open.length > 0; round += 1) {
      const items = [...(await readMany(open.map(at.label))).values()];
      const live = items.filter((item) => {
        const buried = claimOfItem(item);
        if (buried) found.set(buried.label, buried);
        return buried === undefined;
      }) as unknown as ClaimKey[];
      for (const item of (await readMany(live.map(at.claim))).values()) {
        const claim = claimOfItem(item);
        if (claim && open.includes(claim.label)) found.set(claim.label, claim);
      }
      open = live.length === 0 ? [] : open.filter((label) => !found.has(label));
    }
    return found;
  }
}

const claimsIn = (items: Item[] = []): Claim[] => items.flatMap((item) => claimOfItem(item) ?? []);

const alreadyClaimed = (domain: DomainName) =>
  new Refusal(
    'domain-already-claimed',
    `You claimed ${domain} before; read it at /v1/domains/${domain}.`,
  );

const keyReused = () =>
  new Refusal(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another domain; send a new key with every new request.',
  );

const tooManyPending = (limit: number | undefined) =>
  new Refusal(
    'too-many-pending-claims',
    `You have ${limit ?? 'too many'} domains that are not verified yet; publish their records, or delete those that you do not need.`,
  );
