import type { AttributeValue as StoredValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from 'aws-lambda';
import type { Claim } from '#shared/core/model/claim.ts';
import { claim } from './claim-store/parse.ts';
import { keyedReader } from './item.ts';

const claimOf = keyedReader('claims', claim);

/**
 * The claim in an image of the claims table's stream.
 *
 * @param image of an item under `claim#<domain>`
 * @throws StoredItemError
 */
export function claimOfImage(image: Record<string, AttributeValue>): Claim {
  return claimOf(unmarshall(image as Record<string, StoredValue>));
}
