import type { MessagePage } from '#shared/api/routes/messages.ts';
import { mapLimited } from '#shared/async/limit.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import {
  messageStatus,
  type MessageStatus,
  type SubmissionChannel,
} from '#shared/core/model/message.ts';
import { parseDomainName, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import type { MailCounts } from '#shared/app/ports/mail-counts.ts';
import type { MessageStore, StoredMessage } from '#shared/app/ports/message-store.ts';
import { messageSummaryOf } from './document.ts';
import { requireBound } from './require-bound.ts';

export interface ListQuery {
  readonly tenant: TenantId;
  /** The domains that the credential is for; absent: all. */
  readonly boundTo?: readonly DomainName[] | undefined;
  /** As it was asked for; without it all domains. */
  readonly domain?: string | undefined;
  readonly recipient?: string | undefined;
  readonly status?: MessageStatus | undefined;
  readonly channel?: SubmissionChannel | undefined;
  /** ISO 8601. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface ListPorts {
  readonly messages: Pick<MessageStore, 'recent' | 'get'>;
  readonly mailCounts: Pick<MailCounts, 'domains'>;
}

/** More would be four queries each for one page. */
const MOST_DOMAINS = 50;
/** Mails that are read for a page of those that match. */
const EXAMINED = 200;
const READS_AT_ONCE = 20;

/**
 * A page of a tenant's messages, newest first. A domain need not be the tenant's any more, or ever have
 * been: the messages are.
 *
 * @throws Refusal `domain-invalid`, `invalid-cursor`, `invalid-parameter`, `forbidden`
 */
export async function listMessages(ports: ListPorts, query: ListQuery): Promise<MessagePage> {
  const { tenant, from, to, cursor, limit, recipient, status, channel } = query;
  const isFiltered = [recipient, status, channel].some((filter) => filter !== undefined);
  const domains = await domainsOf(ports, query);
  if (domains.length === 0) return { messages: [], cursor: null };
  const page = await ports.messages.recent(
    { tenant, domains, from: canonical(from), to: canonical(to) },
    { limit: isFiltered ? EXAMINED : limit, ...(cursor === undefined ? {} : { cursor }) },
  );
  const stored = await mapLimited(page.ids, { tasks: READS_AT_ONCE }, (id) =>
    ports.messages.get(tenant, id),
  );
  // One may have expired since it was listed.
  const found = stored.flatMap((one, index) =>
    one !== undefined && matches(one, query) ? [{ one, index }] : [],
  );
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const isCut = found.length > shown.length && last !== undefined;
  return {
    messages: shown.map(({ one }) => messageSummaryOf(one)),
    cursor: (isCut ? page.cursors[last.index] : page.cursor) ?? null,
  };
}

/** Times are stored in milliseconds. */
const canonical = (time: string | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();

async function domainsOf(
  { mailCounts }: ListPorts,
  { tenant, domain, boundTo }: ListQuery,
): Promise<readonly DomainName[]> {
  if (domain !== undefined) return [requireBound(parseDomainName(domain), boundTo)];
  if (boundTo !== undefined) return boundTo;
  const domains = await mailCounts.domains(tenant, MOST_DOMAINS + 1);
  if (domains.length <= MOST_DOMAINS) return domains;
  throw new Refusal(
    'invalid-parameter',
    `You have mail from more than ${MOST_DOMAINS} domains: give a "domain".`,
  );
}

function matches(
  { message, recipientBatches }: StoredMessage,
  { recipient, status, channel }: ListQuery,
): boolean {
  if (channel !== undefined && message.channel !== channel) return false;
  if (status !== undefined && messageStatus(message, recipientBatches) !== status) return false;
  const address = recipient?.toLowerCase();
  return (
    address === undefined ||
    recipientBatches.some(({ recipients }) =>
      recipients.some((each) => each.address.toLowerCase() === address),
    )
  );
}
