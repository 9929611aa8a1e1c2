import type { DynamoDBRecord } from 'aws-lambda';
import type { KeyId } from '#shared/core/model/names.ts';
import type { Revocation, RevocationLedger } from '#shared/app/ports/revocation-ledger.ts';

export interface RevocationLogPorts {
  readonly ledger: Pick<RevocationLedger, 'add'>;
  /** Receives each failure; the records from it on come again. */
  readonly log: (error: unknown) => void;
}

/**
 * Writes what a batch of the table's stream revokes into the ledger, in order.
 *
 * @returns the sequence number from which the batch must come again, undefined where all went well
 */
export async function logRevocations(
  { ledger, log }: RevocationLogPorts,
  records: readonly DynamoDBRecord[],
): Promise<string | undefined> {
  for (const { eventName, dynamodb } of records) {
    // The table is append-only: an expiry or a removal by hand revokes nothing.
    if (eventName === 'REMOVE') continue;
    try {
      await ledger.add(revocationOf(dynamodb?.NewImage));
    } catch (error) {
      log(error);
      return dynamodb?.SequenceNumber ?? '';
    }
  }
  return undefined;
}

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];

function revocationOf(image: Image): Revocation {
  const keyId = image?.['keyId']?.S;
  const revokedAt = image?.['revokedAt']?.S;
  if (keyId !== undefined && revokedAt !== undefined) return { keyId: keyId as KeyId, revokedAt };
  throw new Error('the stream of revoked keys has an item without a key id or a time');
}
