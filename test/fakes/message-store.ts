import type { RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import type { MessageStore, StoredMessage } from '#shared/app/ports/message-store.ts';

/** Messages in memory, by the rules of the port; each method is one step that nothing interleaves. */
export class MemoryMessageStore implements MessageStore {
  readonly #messages = new Map<string, { message: Message; recipientBatches: RecipientBatch[] }>();

  async create(
    message: Message,
    recipientBatches: readonly RecipientBatch[],
  ): Promise<Message | undefined> {
    const key = keyOf(message.tenant, message.id);
    const existing = this.#messages.get(key);
    if (existing !== undefined) return structuredClone(existing.message);
    this.#messages.set(key, structuredClone({ message, recipientBatches: [...recipientBatches] }));
    return undefined;
  }

  async get(tenant: TenantId, id: MessageId): Promise<StoredMessage | undefined> {
    return structuredClone(this.#messages.get(keyOf(tenant, id)));
  }

  async recent(
    { tenant, domain }: { tenant: TenantId; domain: DomainName },
    { cursor, limit }: { cursor?: string; limit: number },
  ): ReturnType<MessageStore['recent']> {
    const ids = [...this.#messages.values()]
      .map(({ message }) => message)
      .filter((message) => message.tenant === tenant && message.domain === domain)
      .toSorted((a, b) => (`${a.createdAt}#${a.id}` < `${b.createdAt}#${b.id}` ? 1 : -1))
      .map(({ id }) => id);
    const after = cursor === undefined ? -1 : ids.indexOf(cursor as MessageId);
    if (cursor !== undefined && after < 0) throw new Refusal('invalid-cursor', 'no such cursor');
    const page = ids.slice(after + 1, after + 1 + limit);
    return { ids: page, cursor: after + 1 + limit < ids.length ? page.at(-1) : undefined };
  }

  async recipientBatch(
    tenant: TenantId,
    id: MessageId,
    index: number,
  ): Promise<RecipientBatch | undefined> {
    return structuredClone(this.#messages.get(keyOf(tenant, id))?.recipientBatches[index]);
  }

  async moveRecipientBatch(
    tenant: TenantId,
    id: MessageId,
    next: RecipientBatch,
  ): Promise<boolean> {
    const recipientBatches = this.#messages.get(keyOf(tenant, id))?.recipientBatches;
    if (recipientBatches?.[next.index]?.revision !== next.revision - 1) return false;
    recipientBatches[next.index] = structuredClone(next);
    return true;
  }

  async noteSigned(
    tenant: TenantId,
    id: MessageId,
    signed: NonNullable<Message['signed']>,
  ): Promise<void> {
    const stored = this.#messages.get(keyOf(tenant, id));
    if (stored === undefined || stored.message.signed !== undefined) return;
    stored.message = { ...stored.message, signed: structuredClone(signed) };
  }

  async noteHeld(tenant: TenantId, id: MessageId, held: Message['held']): Promise<void> {
    const stored = this.#messages.get(keyOf(tenant, id));
    if (stored === undefined) return;
    const { held: before, ...message } = stored.message;
    if (held === undefined) stored.message = message;
    else if (before === undefined) stored.message = { ...message, held: structuredClone(held) };
  }

  /** As TTL does. */
  expire(tenant: TenantId, id: MessageId): void {
    this.#messages.delete(keyOf(tenant, id));
  }
}

const keyOf = (tenant: TenantId, id: MessageId) => `${tenant}#${id}`;
