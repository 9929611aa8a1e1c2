import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { DomainName, Label, ShardName, TenantId } from '#shared/core/model/names.ts';
import type { CheckRequest } from '#shared/app/ports/queues.ts';

/**
 * The requests that one change of the claims table causes; each only a request to read the
 * claim.
 */
export interface ChangeRequests {
  /** The claim's hosted records may have changed. */
  readonly publish?: { readonly shard: ShardName; readonly label: Label };
  /** The domain got a claim or lost one, so that its SES identity may have to come or go. */
  readonly identity?: DomainName;
  /** The claim is new. */
  readonly check?: CheckRequest;
}

type Image = Record<string, AttributeValue>;

/**
 * Reads a stream record of the claims table, by its new image. Claims count, and labels that hold the
 * retired claim of a retired claim; holders, counters and marks publish nothing.
 *
 * @throws TypeError where an item that counts lacks what it must have
 */
export function changeRequestsOf({ eventName, dynamodb }: DynamoDBRecord): ChangeRequests {
  const sortKey = textOf(dynamodb?.Keys, 'sk');
  const image = dynamodb?.NewImage;
  if (sortKey.startsWith('claim#')) {
    const domain = sortKey.slice('claim#'.length) as DomainName;
    if (eventName === 'REMOVE') return { identity: domain };
    const publish = hostedNameOf(image);
    if (eventName === 'MODIFY') return { publish };
    const tenant = textOf(image, 'tenant') as TenantId;
    return { publish, identity: domain, check: { tenant, domain, label: publish.label } };
  }
  const retired = sortKey === 'label' ? image?.['tombstone']?.M : undefined;
  return retired === undefined ? {} : { publish: hostedNameOf(retired) };
}

const hostedNameOf = (image: Image | undefined) => ({
  shard: textOf(image, 'shard') as ShardName,
  label: textOf(image, 'label') as Label,
});

function textOf(image: Image | undefined, attribute: string): string {
  const text = image?.[attribute]?.S;
  if (text === undefined) throw new TypeError(`a stream record has no text at ${attribute}`);
  return text;
}
