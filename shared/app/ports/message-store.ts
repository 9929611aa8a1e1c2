import type { RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Message, TimedHold } from '#shared/core/model/message.ts';
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
   * Notes an accepted message with its recipient batches, all or nothing.
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
   * A tenant's messages from some domains, newest first; one that was just made may be missing for some
   * seconds. @throws Refusal `invalid-cursor`
   */
  recent(of: RecentMessages, page: { cursor?: string; limit: number }): Promise<MessageIds>;
  /**
   * One recipient batch, strongly consistent.
   *
   * @param age `recent`: as it was at most some seconds ago, for half the price
   */
  recipientBatch(
    tenant: TenantId,
    id: MessageId,
    index: number,
    age?: 'latest' | 'recent',
  ): Promise<RecipientBatch | undefined>;
  /**
   * Writes a recipient batch where the stored revision is still `next.revision - 1`.
   *
   * @param signed what the message was signed with; the first one is noted
   * @returns false where another writer moved it, or where it is gone
   */
  moveRecipientBatch(
    tenant: TenantId,
    id: MessageId,
    next: RecipientBatch,
    signed?: Message['signed'],
  ): Promise<boolean>;
  /** Notes a message's place in its tenant's line. Nothing for a message that is gone. */
  notePlace(tenant: TenantId, id: MessageId, place: number): Promise<void>;
  /**
   * Notes the beginning of a hold that has an end, unless the message is held already; undefined ends such a
   * hold. Nothing for a message that is gone.
   */
  noteHeld(tenant: TenantId, id: MessageId, held: TimedHold | undefined): Promise<void>;
}

/** Which messages a list has. */
export interface RecentMessages {
  readonly tenant: TenantId;
  readonly domains: readonly DomainName[];
  /** Those from this time on, ISO 8601; without it all. */
  readonly from?: string | undefined;
  /** Those before this time, ISO 8601. */
  readonly to?: string | undefined;
}

/** A page of a list of messages. */
export interface MessageIds {
  readonly ids: readonly MessageId[];
  /** Where the list goes on after each of them. */
  readonly cursors: readonly string[];
  /** Where it goes on after the page; undefined on the last one. */
  readonly cursor: string | undefined;
}

/** The retention of a message's outcome. */
export const MESSAGE_DAYS = 90;
