import { Refusal } from '#shared/core/model/errors.ts';
import { authorOf, senderOf } from '#shared/core/mail/from.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ParsedHeader } from '#shared/core/mail/parse.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import { sendPermissions, type SendRequest } from './send-permission.ts';

export interface AuthorizePorts {
  readonly claims: Pick<ClaimStore, 'getHeld' | 'everClaimedAround'>;
  /** Domains that the operator lets send unsigned. */
  readonly unsignedAllowed: ReadonlySet<string>;
}

/**
 * Reads the domains that a header needs permission for. Needs the header only, so that a channel
 * can ask before the body has come.
 *
 * @throws Refusal `message-refused` where From or Sender does not name one domain
 */
export function sendRequestOf(header: ParsedHeader): Omit<SendRequest, 'tenant'> {
  const author = authorOf(header);
  if (!author.ok) throw new Refusal('message-refused', author.refusal.detail);
  const sender = senderOf(header);
  if (sender !== undefined && !sender.ok) {
    throw new Refusal('message-refused', sender.refusal.detail);
  }
  const { domain } = author;
  if (sender === undefined || sender.domain === domain) return { domain };
  return { domain, senderDomain: sender.domain };
}

/**
 * Decides by what was so a moment ago, which costs half, where that allows the mail: the signer decides
 * once more, by what is so. Nothing is refused by what may have changed since.
 *
 * @throws Refusal `from-refused`, `sender-refused`
 */
export async function requireSendPermission(
  { claims, unsignedAllowed }: AuthorizePorts,
  sendRequest: SendRequest,
): Promise<void> {
  const before: AuthorizePorts['claims'] = {
    getHeld: (keys) => claims.getHeld(keys, 'recent'),
    everClaimedAround: (domain) => claims.everClaimedAround(domain),
  };
  const [recent] = await sendPermissions(before, unsignedAllowed, [sendRequest]);
  if (recent?.kind === 'signed') return;
  const [latest] = await sendPermissions(claims, unsignedAllowed, [sendRequest]);
  if (latest?.kind === 'refused') throw new Refusal(latest.code, latest.reason);
}

/**
 * Keeps a credential to the domains that it is for.
 *
 * @param domains absent: all of the tenant's
 * @throws Refusal `from-refused`, `sender-refused`
 */
export function requireWithin(
  { domain, senderDomain }: Omit<SendRequest, 'tenant'>,
  domains: readonly DomainName[] | undefined,
): void {
  if (domains === undefined) return;
  const own = domains.join(', ');
  if (!domains.includes(domain)) {
    throw new Refusal(
      'from-refused',
      `Mail from ${domain} cannot be sent with this API key, which is for ${own} only.`,
    );
  }
  if (senderDomain !== undefined && !domains.includes(senderDomain)) {
    throw new Refusal(
      'sender-refused',
      `The Sender field names ${senderDomain}, and this API key is for ${own} only.`,
    );
  }
}
