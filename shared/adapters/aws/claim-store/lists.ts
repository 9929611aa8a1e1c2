import { ScanCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClaimPage, ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { queryAll } from '../dynamo.ts';
import type { Item } from '../item.ts';
import { readable } from '../readable.ts';
import { at } from './keys.ts';
import type { ClaimParsers } from './parse.ts';
import type { ClaimReads } from './reads.ts';

type ClaimLists = Pick<ClaimStore, 'list' | 'scan' | 'pastKeys' | 'selfHosted'>;

/** Reads lists; a malformed item is left out of them, logged and counted. */
export function claimLists(
  client: DynamoDBDocumentClient,
  table: string,
  parse: ClaimParsers,
  { byLabels }: Pick<ClaimReads, 'byLabels'>,
): ClaimLists {
  const claimsIn = (items: readonly Item[]): Claim[] =>
    readable(items, parse.claim).filter((claim) => claim !== undefined);

  /** The items below a partition whose sort keys begin with `prefix`. */
  const below = (pk: string, prefix: string) => ({
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
    ConsistentRead: true,
  });

  return {
    async list(tenant, { cursor, limit, prefix = '' }) {
      const name = `claims of ${tenant} ${prefix}`;
      const after = cursor === undefined ? undefined : decodeCursor(name, cursor);
      const query = {
        ...below(`tenant#${tenant}`, `${CLAIM}${prefix}`),
        ExclusiveStartKey:
          after === undefined ? undefined : at.claim({ tenant, domain: after as DomainName }),
      };
      // One more than asked shows if another page follows.
      const items = await queryAll(client, query, limit + 1);
      const shown = items.slice(0, limit);
      const last = items.length > limit ? shown.at(-1) : undefined;
      return {
        claims: claimsIn(shown),
        cursor: last && encodeCursor(name, String(last['sk']).slice(CLAIM.length)),
      };
    },

    async scan({ cursor, limit }): Promise<ClaimPage> {
      const name = 'all claims';
      const page = await client.send(
        new ScanCommand({
          TableName: table,
          FilterExpression: 'begins_with(sk, :claims)',
          ExpressionAttributeValues: { ':claims': CLAIM },
          ExclusiveStartKey:
            cursor === undefined ? undefined : (JSON.parse(decodeCursor(name, cursor)) as Item),
          Limit: limit,
        }),
      );
      return {
        claims: claimsIn(page.Items ?? []),
        cursor: page.LastEvaluatedKey && encodeCursor(name, JSON.stringify(page.LastEvaluatedKey)),
      };
    },

    async pastKeys(label) {
      const items = await queryAll(client, below(`label#${label}`, 'key#'));
      return readable(items, parse.pastKey);
    },

    async selfHosted(domain) {
      const items = await queryAll(client, below(`domain#${domain}`, SELF));
      const labels = items.map(({ sk }) => String(sk).slice(SELF.length) as Label);
      return [...(await byLabels(labels, readable)).values()];
    },
  };
}

const CLAIM = 'claim#';
const SELF = 'self#';
