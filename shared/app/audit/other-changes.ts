import type { OwnLimits, BudgetHolder } from '#shared/app/ports/budgets.ts';
import type { Webhook } from '#shared/app/ports/webhook-store.ts';
import type { Change } from '#shared/core/audit/entry.ts';
import { Personal } from '#shared/core/audit/personal.ts';
import type { View } from '#shared/core/audit/view.ts';
import { sha256Hex } from '#shared/core/digest.ts';
import type { Contact } from '#shared/core/model/contact.ts';
import type { HandOver } from '#shared/core/model/hand-over.ts';
import type { Import } from '#shared/core/model/import.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { NoticeSettings } from '#shared/core/model/notice.ts';
import type { ReputationSubject } from '#shared/core/model/reputation.ts';
import type { Suppression } from '#shared/core/model/suppression.ts';
import { contactView } from './access-changes.ts';

/** Digits of a hash that show that something is another than before. */
const DIGITS = 12;

/** Its secrets are there only as digits that change with them; its failures are its log's. */
const webhookView = ({ url, events, off, secret, previousSecrets = [] }: Webhook): View => ({
  url,
  events,
  off: off && { by: off.by, reason: off.reason },
  secret: `sha256:${sha256Hex(secret).slice(0, DIGITS)}`,
  previousSecrets: previousSecrets.map(({ until }) => until),
});

export const webhookChange = (before: Webhook | undefined, after: Webhook | undefined): Change => {
  const { tenant, id } = (after ?? before) as Webhook;
  return {
    owner: tenant,
    subject: 'webhook',
    id,
    before: before && webhookView(before),
    after: after && webhookView(after),
  };
};

const noticesView = ({ recipients }: NoticeSettings): View => ({
  recipients: recipients.map(({ email, language, kinds }) => ({
    email: new Personal(email),
    language,
    kinds: [...kinds],
  })),
});

/** Whom a tenant has mailed what needs somebody; nobody before the first change. */
export const noticesChange = (
  tenant: TenantId,
  before: NoticeSettings,
  after: NoticeSettings,
): Change => ({
  owner: tenant,
  subject: 'notices',
  id: tenant,
  before: noticesView(before),
  after: noticesView(after),
});

/** An address that a person put on the list, or took off. */
export const suppressionChange = (
  before: Suppression | undefined,
  after: Suppression | undefined,
): Change => {
  const { tenant, address } = (after ?? before) as Suppression;
  return {
    owner: tenant,
    subject: 'suppression',
    id: new Personal(address),
    before: before && { reason: before.reason },
    after: after && { reason: after.reason },
  };
};

/** Many addresses that one request put on the list. */
export const suppressionsAdded = (tenant: TenantId, added: readonly Suppression[]): Change => ({
  owner: tenant,
  subject: 'suppression',
  id: `${added.length} addresses`,
  after: { addresses: added.map(({ address }) => new Personal(address)) },
});

/** The contact of a domain, in the log of the domain's tenant. */
export const contactChange = (
  contact: Contact,
  { tenant, domain }: { readonly tenant: TenantId; readonly domain: DomainName },
  was: { readonly known?: Contact | undefined; readonly former?: string | undefined },
): Change => ({
  owner: tenant,
  subject: 'contact',
  id: contact.id,
  before:
    was.former === undefined
      ? undefined
      : { domain, contact: was.former, person: was.known && contactView(was.known) },
  after: { domain, contact: contact.id, person: contactView(contact) },
});

const handOverView = ({ links, ended, mailing }: HandOver): View => ({
  links: links.map(({ hash, expiresAt }) => ({ id: hash.slice(0, DIGITS), expiresAt })),
  mails: mailing !== undefined,
  ended: ended?.why,
});

export const handOverChange = (before: HandOver | undefined, after: HandOver): Change => ({
  owner: after.owner,
  subject: 'hand-over',
  id: after.contact,
  before: before && handOverView(before),
  after: handOverView(after),
});

export const importChange = (before: Import | undefined, after: Import): Change => ({
  owner: after.platform,
  subject: 'import',
  id: after.id,
  before: before && { status: before.status },
  after: { status: after.status },
});

export const limitsChange = (
  holder: BudgetHolder,
  before: OwnLimits,
  after: OwnLimits,
): Change => ({ owner: holder, subject: 'limits', id: holder, before, after });

export const reputationChange = (
  { tenant, domain }: ReputationSubject,
  before: View,
  after: View,
): Change => ({
  owner: tenant,
  subject: 'reputation',
  id: domain ?? tenant,
  before,
  after,
});
