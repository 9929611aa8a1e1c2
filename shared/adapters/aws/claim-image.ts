import type { AttributeValue as StoredValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from 'aws-lambda';
import type { Claim } from '#shared/core/model/claim.ts';

/**
 * The claim in an image of the claims table's stream.
 *
 * @param image of an item under `claim#<domain>`
 */
export function claimOfImage(image: Record<string, AttributeValue>): Claim {
  const { pk: _pk, sk: _sk, ...claim } = unmarshall(image as Record<string, StoredValue>);
  return claim as Claim;
}
