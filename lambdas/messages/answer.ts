import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { messages } from '#shared/api/routes/messages.ts';
import { uploads } from '#shared/api/routes/uploads.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { isMessageId } from '#shared/core/model/names.ts';
import { submitMail, type SubmitPorts } from '#shared/app/sending/submit.ts';
import type { SendingAccount } from '#shared/app/ports/sending-account.ts';
import type { MailCounts } from '#shared/app/ports/mail-counts.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import type { UploadStore } from '#shared/app/ports/uploads.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import { countMessages } from './count.ts';
import { createUpload, type UploadPorts } from './create-upload.ts';
import { messageDocumentOf } from './document.ts';
import { expectedAtOf, type ExpectedPorts } from './expected.ts';
import { listMessages } from './list.ts';
import { readSubmission, type RequestPorts } from './requests.ts';

export interface MessagePorts extends SubmitPorts, RequestPorts, UploadPorts, ExpectedPorts {
  readonly sendingAccount: SendingAccount;
  readonly uploads: UploadStore;
  readonly budgets: SubmitPorts['budgets'];
  readonly messages: Pick<MessageStore, 'create' | 'get' | 'recent'>;
  readonly mailCounts: MailCounts;
  readonly reputations: Pick<ReputationStore, 'days'>;
}

const SANDBOX =
  'The service is in the sandbox of Amazon SES: it delivers to verified addresses and to SES’s mailbox simulator only, and other recipients are refused.';

const useCases = {
  async submitMessage({ event, tenant, domains }, ports) {
    const submission = { ...(await readSubmission(event, tenant, ports)), domains };
    // Never rejects; asked at the same time, since the first answer takes a moment.
    const asked = ports.sendingAccount.isSandboxed();
    const { id, repairs, suppressed } = await submitMail(ports, submission);
    const accepted = {
      id,
      status: 'accepted' as const,
      repairs: [...repairs],
      ...(suppressed.length === 0 ? {} : { suppressed: [...suppressed] }),
    };
    return (await asked) === true
      ? { ...accepted, sandbox: true as const, note: SANDBOX }
      : accepted;
  },

  createUpload: ({ tenant, body }, ports) => createUpload(ports, tenant, body),

  listMessages: ({ tenant, domains, query }, ports) =>
    listMessages(ports, { tenant, boundTo: domains, ...query }),

  countMessages: ({ tenant, domains, query }, ports) =>
    countMessages(ports, { tenant, boundTo: domains, ...query }),

  async getMessage({ tenant, domains, params: { id } }, ports) {
    const stored = isMessageId(id) ? await ports.messages.get(tenant, id) : undefined;
    const isOwn = stored !== undefined && (domains?.includes(stored.message.domain) ?? true);
    if (isOwn) return messageDocumentOf(stored, await expectedAtOf(ports, stored));
    throw new Refusal('not-found', 'There is no such message; messages are kept for 90 days.');
  },
} satisfies UseCases<'messages', MessagePorts>;

/** Answers a request about messages. */
export const answer = dispatcher<'messages', MessagePorts>({ ...messages, ...uploads }, useCases);
