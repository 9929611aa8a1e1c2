import type { NoticesDocument } from '#shared/api/routes/notices.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { NoticeRecipient, NoticeSettings } from '#shared/core/model/notice.ts';
import type { SettingsPorts } from './ports.ts';

type Ports = Pick<SettingsPorts, 'notices' | 'sendsMails'>;

/** Reads whom a tenant has mailed. */
export const readNotices = async (tenant: TenantId, ports: Ports): Promise<NoticesDocument> =>
  documentOf(await ports.notices.settings(tenant), ports);

/**
 * Replaces whom a tenant has mailed.
 *
 * @throws Refusal `mail-not-offered` where the operator sends no mails; an empty list is always taken
 * @throws Refusal `settings-changed` where they are no longer those of the revision
 * @throws Conflict where another writes at the same time
 */
export async function changeNotices(
  tenant: TenantId,
  wanted: {
    readonly recipients: readonly NoticeRecipient[];
    readonly revision?: number | undefined;
  },
  ports: Ports,
): Promise<NoticesDocument> {
  if (!ports.sendsMails && wanted.recipients.length > 0) {
    throw new Refusal(
      'mail-not-offered',
      'The operator of this service sends no mails, so nobody would get a notice. Use a webhook, or ask the operator.',
    );
  }
  const before = await ports.notices.settings(tenant);
  if (wanted.revision !== undefined && wanted.revision !== before.revision) {
    throw new Refusal(
      'settings-changed',
      'Somebody else changed who gets notices meanwhile. Read them again, and change what there is now.',
    );
  }
  const next = { revision: before.revision + 1, recipients: wanted.recipients };
  await ports.notices.change(tenant, before, next);
  return documentOf(next, ports);
}

const documentOf = (
  { recipients, revision }: NoticeSettings,
  { sendsMails }: Ports,
): NoticesDocument => ({
  recipients: recipients.map((one) => ({ ...one, kinds: [...one.kinds] })),
  revision,
  offered: sendsMails,
});
