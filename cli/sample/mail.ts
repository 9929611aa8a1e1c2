import { createHash } from 'node:crypto';
import { mapLimited } from '#shared/async/limit.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { Message, SubmissionChannel } from '#shared/core/model/message.ts';
import { messageIdOf, parseDomainName, type TenantId } from '#shared/core/model/names.ts';
import {
  newRecipientBatches,
  type RecipientBatch,
  type RecipientState,
} from '#shared/core/model/recipient-batch.ts';
import { dayOf } from '#shared/core/reports/day.ts';
import { DAY_MS, HOUR_MS, later } from '#shared/core/time.ts';
import type { CastDomain } from './cast.ts';
import type { SampleTenant, Stage } from './stage.ts';
import { numbers } from './time.ts';

/** Days that the sample has mail of. */
const DAYS = 30;
const AT_ONCE = { tasks: 24 };

interface Outcome {
  readonly state: RecipientState;
  readonly detail?: string;
  /** Of a hundred mails. */
  readonly share: number;
}

/** The rest is delivered. */
const outcomes: readonly Outcome[] = [
  {
    state: 'bounced',
    detail: 'smtp; 550 5.1.1 <gone@receiver.example>: Recipient address rejected: User unknown',
    share: 3,
  },
  { state: 'complained', detail: 'abuse', share: 1 },
  { state: 'soft-bounced', detail: 'smtp; 452 4.2.2 The mailbox is full', share: 2 },
  { state: 'delayed', detail: 'The receiver answers with 421 4.7.0; tried again', share: 1 },
  { state: 'suppressed', share: 2 },
];

const channels: readonly SubmissionChannel[] = ['api', 'json', 'smtp', 'api', 'upload'];
const names = ['ann', 'ben', 'carla', 'dieter', 'elif', 'fatou', 'george', 'hana', 'ivo', 'jun'];
const receivers = ['gmail.example', 'outlook.example', 'receiver.example', 'post.example'];

/** Writes a month of mails from the tenant's domains, with what became of each. */
export async function addMail(tenant: SampleTenant, stage: Stage): Promise<void> {
  const random = numbers(tenant.domains.length);
  const sending = tenant.domains.filter(({ mails }) => mails !== undefined);
  for (const domain of sending) {
    const key = { tenant: tenant.id, domain: parseDomainName(domain.name) };
    const claim = await stage.ports.claims.get(key);
    if (claim === undefined) throw new Error(`${domain.name} is not claimed`);
    const mails = mailsOf(domain, claim, random, stage);
    await mapLimited(mails, AT_ONCE, (mail) => addOne(tenant.id, mail, stage));
    await countOutcomes(tenant.id, domain, mails, stage);
  }
}

interface SampleMail {
  readonly message: Message;
  readonly batches: readonly RecipientBatch[];
}

function mailsOf(
  { mails }: CastDomain,
  claim: Claim,
  random: () => number,
  { past }: Stage,
): SampleMail[] {
  const made: SampleMail[] = [];
  for (let day = DAYS; day >= 0; day -= 1) {
    const today = past.now.getTime() - day * DAY_MS;
    // Less at weekends.
    const isWeekend = [0, 6].includes(new Date(today).getUTCDay());
    const count = Math.round((mails?.messages ?? 0) * (isWeekend ? 0.4 : 0.7 + random() * 0.6));
    for (let one = 0; one < count; one += 1) {
      const createdAt = new Date(today - random() * 10 * HOUR_MS).toISOString();
      if (createdAt > claim.createdAt) made.push(mailOf(claim, createdAt, random));
    }
  }
  return made;
}

function mailOf(claim: Claim, createdAt: string, random: () => number): SampleMail {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const count = random() < 0.1 ? 2 + Math.floor(random() * 6) : 1;
  const addresses = Array.from(
    { length: count },
    (_, index) => `${pick(names)}.${Math.floor(random() * 900) + index}@${pick(receivers)}`,
  );
  const outcome = outcomeBy(random() * 100);
  const key = currentKey(claim.keys);
  const isSuppressed = outcome.state === 'suppressed';
  const suppressed = new Set(isSuppressed ? addresses.slice(0, 1) : []);
  const message: Message = {
    tenant: claim.tenant,
    id: messageIdOf(Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)))),
    domain: claim.domain,
    createdAt,
    size: 2_000 + Math.floor(random() * 60_000),
    fingerprint: createHash('sha256').update(`${createdAt}${random()}`).digest('hex'),
    channel: pick(channels),
    ...(random() < 0.06 && {
      repairs: [{ code: 'line-ends', detail: 'Lines ended with LF alone; each ends with CRLF.' }],
    }),
    ...(key !== undefined && {
      signed: {
        at: later(createdAt, 400),
        signature: { domain: claim.domain, selector: key.selector, keyId: key.id },
      },
    }),
  };
  const batches = newRecipientBatches(addresses, suppressed).map((batch) =>
    ended(batch, outcome, message),
  );
  return { message, batches };
}

function outcomeBy(percent: number): Outcome {
  let sum = 0;
  for (const outcome of outcomes) {
    sum += outcome.share;
    if (percent < sum) return outcome;
  }
  return { state: 'delivered', share: 0 };
}

/** A batch whose first recipient has the outcome, while the others got the mail. */
function ended(batch: RecipientBatch, { state, detail }: Outcome, { id }: Message): RecipientBatch {
  const recipients = batch.recipients.map((recipient, index) => {
    if (recipient.state === 'suppressed') return recipient;
    if (index > 0) return { ...recipient, state: 'delivered' as const };
    return { ...recipient, state, ...(detail === undefined ? {} : { detail }) };
  });
  const isSent = recipients.some((one) => one.state !== 'suppressed');
  return {
    ...batch,
    recipients,
    ...(isSent && { state: 'sent' as const, attempt: 1, exitId: `sample-${id}` }),
  };
}

async function addOne(
  tenant: TenantId,
  { message, batches }: SampleMail,
  { ports }: Stage,
): Promise<void> {
  await ports.messages.create(message, batches);
  const { domain, createdAt, channel = 'api' } = message;
  await ports.counts.add({ tenant, domain, day: dayOf(Date.parse(createdAt)) }, channel);
}

/** Counts the outcomes for the reputation, and puts who bounced or complained on the list. */
async function countOutcomes(
  tenant: TenantId,
  { name }: CastDomain,
  mails: readonly SampleMail[],
  { ports }: Stage,
): Promise<void> {
  const byDay = Map.groupBy(mails, ({ message }) => dayOf(Date.parse(message.createdAt)));
  for (const [day, some] of byDay) {
    const states = some.flatMap(({ batches }) =>
      batches.flatMap(({ recipients }) => recipients.map(({ state }) => state)),
    );
    const counted = (...which: RecipientState[]): number =>
      states.filter((state) => which.includes(state)).length;
    const counts = {
      outcomes: counted('delivered', 'bounced', 'complained'),
      bounced: counted('bounced'),
      complained: counted('complained'),
    };
    const at = `${day}T12:00:00.000Z`;
    await ports.reputations.count({ tenant }, counts, at);
    await ports.reputations.count({ tenant, domain: parseDomainName(name) }, counts, at);
  }
  const reasons = { bounced: 'bounce', complained: 'complaint' } as const;
  const found = mails.flatMap(({ message, batches }) =>
    batches.flatMap(({ recipients }) =>
      recipients.flatMap(({ address, state, detail }) =>
        state !== 'bounced' && state !== 'complained'
          ? []
          : [
              {
                tenant,
                address,
                reason: reasons[state],
                addedAt: later(message.createdAt, 30_000),
                message: message.id,
                ...(detail !== undefined && { detail }),
              },
            ],
      ),
    ),
  );
  const different = new Map(found.map((one) => [one.address, one]));
  if (different.size > 0) await ports.suppressions.addAll(tenant, [...different.values()]);
}
