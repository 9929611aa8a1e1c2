import type { HeldMessage, HeldMessages } from '#shared/app/ports/held-messages.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { MessageId, TenantId } from '#shared/core/model/names.ts';
import type { SuspensionHold } from '#shared/core/model/tenant-state.ts';
import type { MemoryMessageStore } from './message-store.ts';
import type { MemoryTenantStore } from './tenant-store.ts';

/** Held messages in memory, beside the stores of messages and tenants; a page has so many. */
export class MemoryHeldMessages implements HeldMessages {
  readonly items = new Map<string, HeldMessage>();
  readonly #messages: MemoryMessageStore;
  readonly #tenants: MemoryTenantStore;
  readonly #pageSize: number;

  constructor(messages: MemoryMessageStore, tenants: MemoryTenantStore, pageSize = 100) {
    this.#messages = messages;
    this.#tenants = tenants;
    this.#pageSize = pageSize;
  }

  async hold(
    { tenant, id, createdAt }: Pick<Message, 'tenant' | 'id' | 'createdAt'>,
    hold: SuspensionHold,
  ): Promise<boolean> {
    const state = await this.#tenants.stateOf(tenant);
    if (state?.status !== 'suspended' || state.since !== hold.suspension) return false;
    if (!this.#messages.changeHold(tenant, id, () => hold)) return false;
    const held = { tenant, id, createdAt, suspension: hold.suspension };
    this.items.set(keyOf(held), held);
    return true;
  }

  async endHold(
    { tenant, id }: { tenant: TenantId; id: MessageId },
    suspension: string,
  ): Promise<void> {
    this.#messages.changeHold(tenant, id, (hold) =>
      hold?.code === 'account-suspended' && hold.suspension === suspension ? undefined : hold,
    );
  }

  async list(tenant: TenantId, cursor = ''): ReturnType<HeldMessages['list']> {
    const rest = [...this.items]
      .filter(([key, held]) => held.tenant === tenant && key > cursor)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    const page = rest.slice(0, this.#pageSize);
    return {
      messages: page.map(([, held]) => held),
      cursor: rest.length > page.length ? page.at(-1)?.[0] : undefined,
    };
  }

  async forget(messages: readonly HeldMessage[]): Promise<void> {
    for (const message of messages) {
      const key = keyOf(message);
      if (this.items.get(key)?.suspension === message.suspension) this.items.delete(key);
    }
  }
}

const keyOf = ({ createdAt, id }: HeldMessage) => `${createdAt}#${id}`;
