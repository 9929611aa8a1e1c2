import { Refusal } from '#shared/core/model/errors.ts';
import { authorOf, senderOf } from '#shared/core/mail/from.ts';
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
