import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { SuspensionHold } from '#shared/core/model/tenant-state.ts';

/** A mail that a suspension holds. */
export interface HeldMessage {
  readonly tenant: TenantId;
  readonly id: MessageId;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The suspension that holds it. */
  readonly suspension: string;
}

/**
 * The mails of suspended tenants: they wait in the table of messages, not in a queue, so that they
 * may wait for longer than a queue keeps messages.
 */
export interface HeldMessages {
  /**
   * Holds a mail and lists it, while its tenant is still under that suspension. Again changes
   * nothing.
   *
   * @returns false where the tenant's state is another by now, or the mail is gone
   */
  hold(
    message: Pick<Message, 'tenant' | 'id' | 'createdAt'>,
    hold: SuspensionHold,
  ): Promise<boolean>;
  /** Takes the hold of that suspension off a mail, to be sent or refused; it stays listed. */
  endHold(message: Pick<Message, 'tenant' | 'id'>, suspension: string): Promise<void>;
  /** A tenant's held mails, oldest first, page by page, strongly consistent. */
  list(
    tenant: TenantId,
    cursor?: string,
  ): Promise<{ messages: readonly HeldMessage[]; cursor: string | undefined }>;
  /** Removes mails from the list, but those that another suspension holds by now. */
  forget(messages: readonly HeldMessage[]): Promise<void>;
}
