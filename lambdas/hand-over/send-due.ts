import { contactClaims } from '#shared/app/hand-over/contact-claims.ts';
import { domainsLeft } from '#shared/app/hand-over/domains-left.ts';
import { submitServiceMail, type ServiceSender } from '#shared/app/sending/service-mail.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { contactUnreachedEvent } from '#shared/core/model/event.ts';
import {
  dayAfter,
  isUndelivered,
  mailingAfter,
  withLink,
  withoutMailing,
  type HandOver,
  type HandOverMail,
  type MailDay,
  type Mailing,
  type MailingEnd,
} from '#shared/core/model/hand-over.ts';
import type { MessageId } from '#shared/core/model/names.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import { effectiveState } from '#shared/core/model/recipient-batch.ts';
import { DAY_MS, HOUR_MS, later } from '#shared/core/time.ts';
import { handOverMail, type DomainLeft } from '#shared/core/texts/mails/hand-over-mail.ts';
import type { HandOverPorts } from './ports.ts';

/** Hand-overs of one run, one after another: about a second each, of the function's five minutes. */
const MOST_PER_RUN = 100;

/**
 * Does what is due for hand-overs: sees whether the last mail arrived, sends the next one on its day,
 * and ends the mails where nothing is left to do. One that fails holds up no other.
 *
 * @returns how many were due
 */
export async function sendDue(ports: HandOverPorts, sender: ServiceSender): Promise<number> {
  const due = await ports.handOvers.due(ports.clock.now().toISOString(), MOST_PER_RUN);
  for (const handOver of due) {
    try {
      await advance(handOver, sender, ports);
    } catch (error) {
      // It is due again, with the next run or in an hour.
      ports.log({ kind: 'deferred', contact: handOver.contact, error });
    }
  }
  return due.length;
}

async function advance(read: HandOver, sender: ServiceSender, ports: HandOverPorts): Promise<void> {
  const { mailing } = read;
  if (mailing === undefined) return;
  const now = ports.clock.now();
  const handOver = await withOutcome(read, sender, ports);
  const last = handOver.mails.at(-1);
  const claims = await contactClaims(handOver, ports);
  if (last !== undefined && isUndelivered(last)) {
    const contact = await ports.contacts.get(handOver.owner, handOver.contact);
    await ports.bus.put(claims.map((claim) => contactUnreachedEvent(claim, contact, last)));
    return end(read, handOver, 'undelivered', ports);
  }
  const active = await ofActiveTenants(claims, ports);
  const left = await domainsLeft(active, ports);
  if (left.length === 0 && active.length < claims.length) {
    // Suspended accounts have nobody mailed; what is due is read again tomorrow.
    const tomorrow = { ...mailing, dueAt: later(now, DAY_MS) };
    return ports.handOvers.put(read, {
      ...handOver,
      revision: read.revision + 1,
      mailing: tomorrow,
    });
  }
  if (left.length === 0) return end(read, handOver, 'done', ports);
  const day = mailing.next;
  if (day !== undefined && now.getTime() >= Date.parse(mailing.since) + day * DAY_MS) {
    return mail(read, handOver, { day, mailing, left }, sender, ports);
  }
  const next = mailingAfter(mailing, last, now);
  if (next === undefined) return end(read, handOver, 'over', ports);
  await ports.handOvers.put(read, { ...handOver, revision: read.revision + 1, mailing: next });
}

async function ofActiveTenants(
  claims: readonly Claim[],
  { tenants }: Pick<HandOverPorts, 'tenants'>,
): Promise<Claim[]> {
  const ids = [...new Set(claims.map(({ tenant }) => tenant))];
  const states = await Promise.all(ids.map((id) => tenants.stateOf(id)));
  const active = new Set(
    ids.filter((_, index) => (states[index] ?? activeState).status === 'active'),
  );
  return claims.filter(({ tenant }) => active.has(tenant));
}

/** Notes what became of the last mail. */
async function withOutcome(
  handOver: HandOver,
  { tenant }: ServiceSender,
  { messages }: HandOverPorts,
): Promise<HandOver> {
  const last = handOver.mails.at(-1);
  if (last === undefined || last.state === 'delivered') return handOver;
  const stored = await messages.get(tenant, last.message);
  const [batch] = stored?.recipientBatches ?? [];
  const [recipient] = batch?.recipients ?? [];
  if (batch === undefined || recipient === undefined) return handOver;
  const seen: HandOverMail = {
    ...last,
    state: effectiveState(batch, recipient),
    ...(recipient.detail === undefined ? {} : { detail: recipient.detail }),
  };
  return { ...handOver, mails: [...handOver.mails.slice(0, -1), seen] };
}

interface Due {
  readonly day: MailDay;
  readonly mailing: Mailing;
  readonly left: readonly DomainLeft[];
}

/**
 * Sends a mail with a link of its own, since tokens are not kept. The link is written first, so that
 * one that somebody has opens. The mail of a day has one idempotency key: where its outcome was not
 * noted, the next run finds that it was accepted, and sends it to nobody twice.
 */
async function mail(
  read: HandOver,
  handOver: HandOver,
  { day, mailing, left }: Due,
  sender: ServiceSender,
  ports: HandOverPorts,
): Promise<void> {
  const { random, clock, pending, handOvers, contacts } = ports;
  const contact = await contacts.get(handOver.owner, handOver.contact);
  if (contact === undefined) return end(read, handOver, 'undelivered', ports);
  const now = clock.now();
  const linked = withLink(handOver, random.bytes(32), pending.linkDays, now);
  await handOvers.put(read, linked.handOver);
  const language = contact.language ?? 'en';
  const url = `${handOver.page}?lang=${language}#${linked.token}`;
  const { expiresAt } = linked;
  const texts = handOverMail({ contact, day, sender: sender.name, domains: left, url, expiresAt });
  const key = keyOf(handOver, mailing, day);
  let message: MessageId;
  try {
    const to = { address: contact.email, name: contact.name };
    message = await submitServiceMail({ to, key, ...texts }, sender, ports);
  } catch (error) {
    // The links that were mailed before stay, however often this fails.
    await handOvers.put(linked.handOver, {
      ...handOver,
      revision: linked.handOver.revision + 1,
      mailing: { ...mailing, dueAt: later(now, HOUR_MS) },
    });
    throw error;
  }
  const sent: HandOverMail = { day, at: now.toISOString(), message, state: 'accepted' };
  const next = dayAfter(day);
  const since = sinceSent(mailing, day, now);
  const after = mailingAfter({ since, ...(next !== undefined && { next }) }, sent, now);
  await handOvers.put(linked.handOver, {
    ...linked.handOver,
    revision: linked.handOver.revision + 1,
    mails: [...linked.handOver.mails, sent].slice(-MOST_MAILS),
    ...(after && { mailing: after }),
  });
  ports.log({ kind: 'mailed', contact: handOver.contact, day });
}

/**
 * The start by which a mail that was sent now is on its day: where one was late, since the account was
 * suspended or no mail accepted, the next ones do not all come at once.
 */
function sinceSent({ since }: Pick<Mailing, 'since'>, day: MailDay, now: Date): string {
  const late = now.getTime() - Date.parse(since) - day * DAY_MS;
  return late < DAY_MS ? since : later(since, late);
}

const MOST_MAILS = 20;

const keyOf = ({ owner, contact }: HandOver, { since }: Mailing, day: MailDay): string =>
  `hand-over ${owner} ${contact} ${since} ${day}`;

async function end(
  read: HandOver,
  handOver: HandOver,
  why: MailingEnd,
  ports: HandOverPorts,
): Promise<void> {
  await ports.handOvers.put(read, withoutMailing(handOver, why, ports.clock.now()));
  ports.log({ kind: 'ended', contact: handOver.contact, why });
}
