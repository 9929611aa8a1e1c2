import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { DomainName, Label, ShardName, TenantId } from '#shared/core/model/names.ts';
import { turnOf } from '#shared/app/identity-views.ts';
import type { CheckRequest, IdentityRequest } from '#shared/app/ports/queues.ts';

/**
 * The requests that one change of the claims table causes; each only a request to read the
 * claim.
 */
export interface ChangeRequests {
  /** The claim's hosted records may have changed. */
  readonly publish?: { readonly shard: ShardName; readonly label: Label };
  /** When a key of the claim was revoked by this change, ISO 8601. */
  readonly revokedAt?: string;
  /** The claim is new or gone, so that its domain's SES identity may have to come or go. */
  readonly identity?: IdentityRequest;
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
    if (eventName === 'REMOVE') return { identity: turnOf(claimIn(dynamodb?.OldImage, domain)) };
    const publish = hostedNameOf(image);
    if (eventName === 'MODIFY') {
      const revokedAt = revokedBetween(dynamodb?.OldImage, image);
      return { publish, ...(revokedAt === undefined ? {} : { revokedAt }) };
    }
    const claim = claimIn(image, domain);
    return { publish, identity: turnOf(claim), check: claim };
  }
  const retired = sortKey === 'label' ? image?.['tombstone']?.M : undefined;
  return retired === undefined ? {} : { publish: hostedNameOf(retired) };
}

const claimIn = (image: Image | undefined, domain: DomainName): CheckRequest => ({
  tenant: textOf(image, 'tenant') as TenantId,
  domain,
  label: textOf(image, 'label') as Label,
});

const hostedNameOf = (image: Image | undefined) => ({
  shard: textOf(image, 'shard') as ShardName,
  label: textOf(image, 'label') as Label,
});

/** @returns when the first key was revoked that was not before, ISO 8601 */
function revokedBetween(before: Image | undefined, now: Image | undefined): string | undefined {
  const known = new Set(revokedIn(before).map(({ id }) => id));
  const [first] = revokedIn(now).flatMap(({ id, since }) => (known.has(id) ? [] : [since]));
  return first;
}

/** The revoked keys of a claim's image, in order of their revocation. */
function revokedIn(image: Image | undefined): { readonly id: string; readonly since: string }[] {
  return (image?.['keys']?.L ?? [])
    .flatMap(({ M: key }) => {
      const [id, since] = [key?.['id']?.S, key?.['since']?.S];
      const isRevoked = key?.['state']?.S === 'revoked';
      return isRevoked && id !== undefined && since !== undefined ? [{ id, since }] : [];
    })
    .toSorted((one, other) => one.since.localeCompare(other.since));
}

function textOf(image: Image | undefined, attribute: string): string {
  const text = image?.[attribute]?.S;
  if (text === undefined) throw new TypeError(`a stream record has no text at ${attribute}`);
  return text;
}
