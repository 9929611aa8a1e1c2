import { countsAsPending, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { TransactWrite } from '../dynamo.ts';
import type { Item } from '../item.ts';
import { at, unchangedClaim, type ItemKey } from './keys.ts';

/** The parts that transactions on one claims table are made of. */
export type ClaimWrites = ReturnType<typeof claimWrites>;

export function claimWrites(table: string) {
  /** Puts an item where there is none. */
  const putNew = (item: Item): TransactWrite => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  const put = (item: Item): TransactWrite => ({ Put: { TableName: table, Item: item } });

  /** Puts an item where there is that of this label, or none where there is to be none. */
  const putOver = (item: Item, label: Label | undefined): TransactWrite =>
    label === undefined
      ? putNew(item)
      : {
          Put: {
            TableName: table,
            Item: item,
            ConditionExpression: '#label = :label',
            ExpressionAttributeNames: { '#label': 'label' },
            ExpressionAttributeValues: { ':label': label },
          },
        };

  /** Puts a label's item in the place of that of this very retired claim. */
  const putOverRetired = (item: Item, { tenant, version }: Claim): TransactWrite => ({
    Put: {
      TableName: table,
      Item: item,
      ConditionExpression: '#tenant = :tenant AND #retired.#version = :version',
      ExpressionAttributeNames: {
        '#tenant': 'tenant',
        '#retired': 'tombstone',
        '#version': 'version',
      },
      ExpressionAttributeValues: { ':tenant': tenant, ':version': version },
    },
  });

  const remove = (key: ItemKey): TransactWrite => ({ Delete: { TableName: table, Key: key } });

  /** Adds to a counter; refused where it has come to `limit` already. */
  const add = (key: ItemKey, amount: 1 | 0 | -1, limit?: number): TransactWrite => ({
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

  /** Replaces a claim where it still is the one that was read. */
  const replaceClaim = (before: Claim, next: Claim) => {
    const { Key: _key, ...condition } = unchangedClaim(before);
    return { TableName: table, Item: { ...at.claim(next), ...next }, ...condition };
  };

  /** Removes a claim where it still is the one that was read. */
  const removeClaim = (claim: Claim): TransactWrite => ({
    Delete: { TableName: table, ...unchangedClaim(claim) },
  });

  /** Notes the Idempotency-Key that a claim was asked for with. */
  const request = (claim: Claim, key: string): TransactWrite =>
    putNew({ ...at.request(claim.tenant, key), domain: claim.domain });

  const removeRequest = (claim: Claim): TransactWrite[] =>
    claim.idempotencyKey === undefined
      ? []
      : [remove(at.request(claim.tenant, claim.idempotencyKey))];

  /** Moves the counter of pending claims with a claim that enters or leaves `pending`. */
  const pendingChange = (before: Claim, next: Claim, limit?: number): TransactWrite[] => {
    const change = Number(countsAsPending(next)) - Number(countsAsPending(before));
    return change === 0
      ? []
      : [add(at.pending(next.tenant), change > 0 ? 1 : -1, change > 0 ? limit : undefined)];
  };

  /** Keeps the note by which a claim that hosts its keys itself is found from its domain. */
  const selfHostedChange = (before: Claim | undefined, next: Claim): TransactWrite[] => {
    const [was, is] = [before !== undefined && isSelfHosted(before), isSelfHosted(next)];
    if (was === is) return [];
    return [is ? put(at.selfHosted(next)) : remove(at.selfHosted(next))];
  };

  return {
    putNew,
    put,
    putOver,
    putOverRetired,
    remove,
    add,
    replaceClaim,
    removeClaim,
    request,
    removeRequest,
    pendingChange,
    selfHostedChange,
  };
}
