import type { NoticeRequest } from '#shared/app/ports/queues.ts';
import { submitServiceMail, type ServiceSender } from '#shared/app/sending/service-mail.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import {
  noticeKindNames,
  noticeKindOf,
  type NoticeKind,
  type NoticeRecipient,
} from '#shared/core/model/notice.ts';
import { noticeMail } from '#shared/core/texts/notices/notice-mail.ts';
import type { NoticePorts } from './ports.ts';

/**
 * Closes a batch of events, and mails them to each recipient who wants their kind: a mail for each
 * kind. Mailed again, nobody gets one twice. A closed account has nobody mailed.
 *
 * @throws Refusal where a mail is not accepted, so that the message comes again
 */
export async function mailBatch(
  { tenant, batch }: NoticeRequest,
  ports: NoticePorts,
): Promise<void> {
  const { notices, tenants, sender } = ports;
  const events = await notices.close(tenant, batch);
  const state = await tenants.stateOf(tenant);
  if (sender === undefined || events.length === 0 || state?.status === 'closed') return;
  const { recipients } = await notices.settings(tenant);
  const account = (await tenants.nameOf(tenant)) ?? tenant;
  for (const kind of noticeKindNames) {
    const ofKind = events.filter((event) => noticeKindOf(event) === kind);
    if (ofKind.length === 0) continue;
    const wanting = recipients.filter(({ kinds }) => kinds.includes(kind));
    for (const recipient of wanting) {
      const key = `notice ${tenant} ${batch} ${kind} ${recipient.email}`;
      await mail({ recipient, kind, events: ofKind, account, key }, sender, ports);
      ports.log({ kind: 'mailed', notice: kind, events: ofKind.length });
    }
  }
}

interface Due {
  readonly recipient: NoticeRecipient;
  readonly kind: NoticeKind;
  readonly events: readonly ServiceEvent[];
  readonly account: string;
  readonly key: string;
}

async function mail(
  { recipient, kind, events, account, key }: Due,
  sender: ServiceSender,
  ports: NoticePorts,
): Promise<void> {
  const { email, language } = recipient;
  const { dashboard } = ports;
  const texts = noticeMail({ language, kind, events, sender: sender.name, account, dashboard });
  await submitServiceMail({ to: { address: email }, key, ...texts }, sender, ports);
}
