import type { DomainName, MessageId, TenantId } from '../domain/names.ts';
import type { Chunk, Message, RecipientEvent } from '../domain/message.ts';

/** Messages, their chunks of recipients, and what SES said of each; items expire after 90 days. */
export interface MessageStore {
  /**
   * Notes an accepted message with its chunks, all `queued`, in one transaction.
   *
   * @returns the message that was there already under this id (an Idempotency-Key seen before), else undefined
   */
  create(message: Message, chunks: readonly Chunk[]): Promise<Message | undefined>;
  /** The message and its chunks, strongly consistent. */
  get(tenant: TenantId, id: MessageId): Promise<{ message: Message; chunks: Chunk[] } | undefined>;
  /** Ends a message with a reason (all chunks not sent yet become `refused`). Idempotent. */
  refuse(tenant: TenantId, id: MessageId, reason: string, at: string): Promise<void>;
  /** Notes that the message was signed, by which key, on its first signature only. */
  signed(
    tenant: TenantId,
    id: MessageId,
    signature: { domain: DomainName; selector: string; keyId: string } | 'unsigned',
    at: string,
  ): Promise<void>;
  /**
   * Writes a chunk where it still is as `before` says (state and attempt).
   *
   * @returns false where somebody else moved it
   */
  moveChunk(tenant: TenantId, id: MessageId, before: Chunk, next: Chunk): Promise<boolean>;
  /** Applies what an SES event says of recipients, keeping the furthest state. Idempotent. */
  applyEvent(
    tenant: TenantId,
    id: MessageId,
    chunk: number,
    event: RecipientEvent,
  ): Promise<'applied' | 'no-such-message'>;
}
