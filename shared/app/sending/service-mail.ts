import { Refusal } from '#shared/core/model/errors.ts';
import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import type { ComposeMail, Mailbox } from '../ports/mail-composer.ts';
import { messageIdOfKey, type Accepted, type Submission } from './submit.ts';

/** Who sends the service's own mails: an account of the operator's. */
export interface ServiceSender {
  readonly tenant: TenantId;
  /** An address of a domain that the account holds. */
  readonly from: string;
  /** As recipients know the operator. */
  readonly name: string;
  readonly replyTo?: string;
}

export interface ServiceMailPorts {
  readonly submit: (mail: Submission) => Promise<Pick<Accepted, 'id'>>;
  readonly composeMail: ComposeMail;
}

export interface ServiceMail {
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Names the mail: with the same one nobody gets it twice. */
  readonly key: string;
}

/**
 * Submits a mail of the service's own, as any other mail of the operator's account.
 *
 * @returns the id of the mail, of this submission or of one that was accepted before
 * @throws Refusal as `submitMail` does
 */
export async function submitServiceMail(
  { to, key, ...texts }: ServiceMail,
  sender: ServiceSender,
  { composeMail, submit }: ServiceMailPorts,
): Promise<MessageId> {
  const raw = await composeMail({
    from: { address: sender.from, name: sender.name },
    to: [to],
    cc: [],
    replyTo: sender.replyTo === undefined ? [] : [{ address: sender.replyTo }],
    ...texts,
    attachments: [],
    headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
  });
  try {
    const submission = { tenant: sender.tenant, channel: 'api' as const, raw, strict: false };
    return (await submit({ ...submission, recipients: [to.address], idempotencyKey: key })).id;
  } catch (error) {
    const wasAccepted = error instanceof Refusal && error.code === 'idempotency-key-reused';
    if (!wasAccepted) throw error;
    return messageIdOfKey(sender.tenant, key);
  }
}
