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

/** @throws Refusal `from-refused`, `sender-refused` */
export async function requireSendPermission(
  { claims, unsignedAllowed }: AuthorizePorts,
  sendRequest: SendRequest,
): Promise<void> {
  const [sendPermission] = await sendPermissions(claims, unsignedAllowed, [sendRequest]);
  if (sendPermission?.kind === 'refused')
    throw new Refusal(sendPermission.code, sendPermission.reason);
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
