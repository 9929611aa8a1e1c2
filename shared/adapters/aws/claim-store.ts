import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import { claimChanges } from './claim-store/changes.ts';
import { createClaim } from './claim-store/create.ts';
import { claimLists } from './claim-store/lists.ts';
import { claimParsers } from './claim-store/parse.ts';
import { claimReads } from './claim-store/reads.ts';
import { claimWrites } from './claim-store/writes.ts';
import type { AuditTrail } from './audit-trail.ts';

/**
 * Claims, holders, labels and their counters on DynamoDB.
 *
 * @param disclosures the table that keys to be disclosed go to; none where none are
 */
export function dynamoClaimStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
  disclosures?: string,
): ClaimStore {
  const parse = claimParsers(table);
  const { readMany, countOf, byLabels, ...read } = claimReads(client, table, parse);
  const reads = { ...read, readMany, countOf, byLabels };
  const writes = claimWrites(table);
  return {
    ...read,
    ...claimLists(client, table, parse, reads),
    ...claimChanges(client, reads, { ...writes, trail }, disclosures),
    create: createClaim(client, reads, { ...writes, trail }),
  };
}
