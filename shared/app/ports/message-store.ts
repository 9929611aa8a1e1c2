import type { RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Message, MessageHold, MessageSignature } from '#shared/core/model/message.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';

export interface StoredMessage {
  readonly message: Message;
  /** In order. */
  readonly recipientBatches: readonly RecipientBatch[];
}

/**
 * Messages and their recipient batches of recipients; items expire 90 days after the message was made. The
 * tenant is part of every key, so that another's message is not there.
 */
export interface MessageStore {
  /**
   * Notes an accepted message with its recipient batches in one transaction.
   *
   * @param recipient batches at most 99
   * @returns the message that was there already under this id (an Idempotency-Key seen before), else undefined
   * @throws Conflict where two of the same id were made at once; try again
   */
  create(
    message: Message,
    recipientBatches: readonly RecipientBatch[],
  ): Promise<Message | undefined>;
  /** The message and its recipient batches, strongly consistent. */
  get(tenant: TenantId, id: MessageId): Promise<StoredMessage | undefined>;
  /**
   * A tenant's messages from a domain, newest first; one that was just made may be missing for some
   * seconds. @throws Refusal `invalid-cursor`
   */
  recent(
    of: { readonly tenant: TenantId; readonly domain: DomainName },
    page: { cursor?: string; limit: number },
  ): Promise<{ ids: MessageId[]; cursor: string | undefined }>;
  /** One recipient batch, strongly consistent. */
  recipientBatch(
    tenant: TenantId,
    id: MessageId,
    index: number,
  ): Promise<RecipientBatch | undefined>;
  /**
   * Writes a recipient batch where the stored revision is still `next.revision - 1`.
   *
   * @returns false where another writer moved it, or where it is gone
   */
  moveRecipientBatch(tenant: TenantId, id: MessageId, next: RecipientBatch): Promise<boolean>;
  /** Notes the first signature; later ones, and those of a message that is gone, change nothing. */
  noteSigned(
    tenant: TenantId,
    id: MessageId,
    signed: { readonly at: string; readonly signature: MessageSignature },
  ): Promise<void>;
  /**
   * Notes the beginning of a hold, unless the message is held already; undefined ends the hold.
   * Nothing for a message that is gone.
   */
  noteHeld(tenant: TenantId, id: MessageId, held: MessageHold | undefined): Promise<void>;
}

/** The retention of a message's outcome. */
export const MESSAGE_DAYS = 90;
