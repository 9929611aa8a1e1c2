import type { RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import type {
  MessageIds,
  MessageStore,
  RecentMessages,
  StoredMessage,
} from '#shared/app/ports/message-store.ts';

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
    { tenant, domains, from = '', to = 'a' }: RecentMessages,
    { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<MessageIds> {
    const ids = [...this.#messages.values()]
      .map(({ message }) => message)
      .filter((message) => message.tenant === tenant && domains.includes(message.domain))
      .filter(({ createdAt }) => createdAt >= from && createdAt < to)
      .toSorted((a, b) => (`${a.createdAt}#${a.id}` < `${b.createdAt}#${b.id}` ? 1 : -1))
      .map(({ id }) => id);
    const after = cursor === undefined ? -1 : ids.indexOf(cursor as MessageId);
    if (cursor !== undefined && after < 0) throw new Refusal('invalid-cursor', 'no such cursor');
    const page = ids.slice(after + 1, after + 1 + limit);
    return {
      ids: page,
      cursors: page,
      cursor: after + 1 + limit < ids.length ? page.at(-1) : undefined,
    };
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
    signed?: Message['signed'],
  ): Promise<boolean> {
    const stored = this.#messages.get(keyOf(tenant, id));
    if (stored?.recipientBatches[next.index]?.revision !== next.revision - 1) return false;
    stored.recipientBatches[next.index] = structuredClone(next);
    if (signed !== undefined && stored.message.signed === undefined) {
      stored.message = { ...stored.message, signed: structuredClone(signed) };
    }
    return true;
  }

  async notePlace(tenant: TenantId, id: MessageId, place: number): Promise<void> {
    const stored = this.#messages.get(keyOf(tenant, id));
    if (stored !== undefined) stored.message = { ...stored.message, place };
  }

  async noteHeld(tenant: TenantId, id: MessageId, held: Message['held']): Promise<void> {
    const stored = this.#messages.get(keyOf(tenant, id));
    if (stored === undefined) return;
    const { held: before, ...message } = stored.message;
    if (held === undefined) {
      if (before !== undefined && 'until' in before) stored.message = message;
    } else if (before === undefined) stored.message = { ...message, held: structuredClone(held) };
  }

  /** Changes the hold of a message, as others than the signer's own writes do. @returns false where it is gone */
  changeHold(
    tenant: TenantId,
    id: MessageId,
    change: (before: Message['held']) => Message['held'],
  ): boolean {
    const stored = this.#messages.get(keyOf(tenant, id));
    if (stored === undefined) return false;
    const { held: before, ...message } = stored.message;
    const held = change(before);
    stored.message = held === undefined ? message : { ...message, held };
    return true;
  }

  /** As TTL does. */
  expire(tenant: TenantId, id: MessageId): void {
    this.#messages.delete(keyOf(tenant, id));
  }
}

const keyOf = (tenant: TenantId, id: MessageId) => `${tenant}#${id}`;
