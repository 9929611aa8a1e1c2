import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { messages } from '#shared/api/routes/messages.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { isMessageId } from '#shared/core/model/names.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import { messageDocumentOf } from './document.ts';
import { listMessages } from './list.ts';
import { readSubmission } from './requests.ts';
import { submitMail, type SubmitPorts } from './submit.ts';

export interface MessagePorts extends SubmitPorts {
  readonly messages: Pick<MessageStore, 'create' | 'get' | 'recent'>;
}

const useCases = {
  async submitMessage({ event, tenant }, ports) {
    const id = await submitMail(ports, { tenant, ...readSubmission(event) });
    return { id, status: 'accepted' };
  },

  listMessages: ({ tenant, query }, ports) => listMessages(ports.messages, { tenant, ...query }),

  async getMessage({ tenant, params: { id } }, ports) {
    const stored = isMessageId(id) ? await ports.messages.get(tenant, id) : undefined;
    if (stored !== undefined) return messageDocumentOf(stored);
    throw new Refusal('not-found', 'There is no such message; messages are kept for 90 days.');
  },
} satisfies UseCases<'messages', MessagePorts>;

/** Answers a request about messages. */
export const answer = dispatcher<'messages', MessagePorts>(messages, useCases);
