import { maySign, type Claim, type ClaimKey } from '#shared/core/model/claim.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { ClaimStore, HeldClaim } from '../ports/claim-store.ts';
import { slicesOf } from '#shared/core/slices.ts';

/** A request to send: the tenant and the domain. */
export interface SendRequest {
  readonly tenant: TenantId;
  /** The author domain of the From field. */
  readonly domain: DomainName;
  /** The domain of the Sender field where it is another one. */
  readonly senderDomain?: DomainName;
}

/**
 * - `signed`: by the current key of this claim.
 * - `unsigned`: the operator lets this domain send so, and no claim was ever made around it.
 * - `refused`: one reason for every holder, so that it reveals nothing of other tenants.
 */
export type SendPermission =
  | { readonly kind: 'signed'; readonly claim: Claim }
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'refused';
      readonly code: 'from-refused' | 'sender-refused';
      readonly reason: string;
    };

/** Keys that one consistent batch read of claims takes. */
const KEYS_PER_READ = 50;

/**
 * Decides if mail may go out, by the present claims and holders: at submission, and again before
 * sending, since a claim can be lost meanwhile.
 *
 * @param unsignedAllowed domains that the operator lets send unsigned
 * @returns a permission for each request, in order
 */
export async function sendPermissions(
  claims: Pick<ClaimStore, 'getHeld' | 'everClaimedAround'>,
  unsignedAllowed: ReadonlySet<string>,
  requests: readonly SendRequest[],
): Promise<SendPermission[]> {
  const held = await readHeld(claims, requests.flatMap(claimKeys));
  const signing = (tenant: TenantId, domain: DomainName) => {
    const { claim, holder } = held.get(keyText({ tenant, domain })) ?? {};
    return claim !== undefined && maySign(claim, holder) ? claim : undefined;
  };
  return Promise.all(
    requests.map(async ({ tenant, domain, senderDomain }): Promise<SendPermission> => {
      const claim = signing(tenant, domain);
      const allowed =
        claim !== undefined ||
        (unsignedAllowed.has(domain) && !(await claims.everClaimedAround(domain)));
      if (!allowed) return fromRefused(domain);
      if (senderDomain !== undefined && signing(tenant, senderDomain) === undefined) {
        return senderRefused(senderDomain);
      }
      return claim === undefined ? { kind: 'unsigned' } : { kind: 'signed', claim };
    }),
  );
}

function claimKeys({ tenant, domain, senderDomain }: SendRequest): ClaimKey[] {
  const domains = senderDomain === undefined ? [domain] : [domain, senderDomain];
  return domains.map((name) => ({ tenant, domain: name }));
}

const keyText = ({ tenant, domain }: ClaimKey) => `${tenant} ${domain}`;

async function readHeld(
  claims: Pick<ClaimStore, 'getHeld'>,
  wanted: readonly ClaimKey[],
): Promise<Map<string, HeldClaim>> {
  const keys = [...new Map(wanted.map((key) => [keyText(key), key])).values()];
  const held = new Map<string, HeldClaim>();
  for (const page of slicesOf(keys, KEYS_PER_READ)) {
    const answers = await claims.getHeld(page);
    for (const [index, key] of page.entries()) {
      const answer = answers[index];
      if (answer !== undefined) held.set(keyText(key), answer);
    }
  }
  return held;
}

const fromRefused = (domain: DomainName): SendPermission => ({
  kind: 'refused',
  code: 'from-refused',
  reason: `Mail from ${domain} cannot be sent: it is not a verified domain of this account. Register it, create its DNS records, and send again once its status is verified.`,
});

const senderRefused = (domain: DomainName): SendPermission => ({
  kind: 'refused',
  code: 'sender-refused',
  reason: `The Sender field names ${domain}, which is not a verified domain of this account. Remove the field, or give an address under a verified domain.`,
});
