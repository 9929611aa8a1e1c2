import type { EventBus, OperatorEvents } from '#shared/app/ports/event-bus.ts';
import type { Log } from '#shared/app/ports/log.ts';
import type { ReputationSettings } from '#shared/app/read-reputation.ts';
import type { CountedReputation, ReputationStore } from '#shared/app/ports/reputation-store.ts';
import { standingEvent } from '#shared/core/model/event.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { standingChanged } from '#shared/core/model/operator-event.ts';
import type { RecipientBatch, RecipientState } from '#shared/core/model/recipient-batch.ts';
import {
  addCounts,
  isPassedOn,
  limitsFor,
  newReputation,
  ratesOf,
  standingBy,
  type PassedOn,
  type Reputation,
  type ReputationCounts,
  type ReputationLimits,
  type ReputationSubject,
  type Standing,
} from '#shared/core/model/reputation.ts';
import type { AccountCounts } from './account-counts.ts';
import { isSimulated } from './simulator.ts';

export interface ReputationPorts {
  readonly settings: ReputationSettings;
  readonly reputations: Pick<ReputationStore, 'count' | 'passOn' | 'move'>;
  readonly account: Pick<AccountCounts, 'add'>;
  readonly bus: EventBus;
  readonly operatorEvents: OperatorEvents;
  readonly log: Log;
  /** Counts a standing that is worse than good. */
  readonly countStanding: (to: Exclude<Standing, 'good'>) => void;
}

/** What became of the recipients of one mail's batch, for the counts of its tenant and domain. */
export interface Outcome {
  readonly tenant: TenantId;
  readonly domain: DomainName | undefined;
  readonly counts: ReputationCounts;
}

const FINAL: ReadonlySet<RecipientState> = new Set(['delivered', 'bounced', 'complained']);

/**
 * Counts the recipients whose outcome is known now and was not before, each once.
 *
 * @param hard addresses, in lower case, whose bounce is for good
 */
export function outcomesBetween(
  before: RecipientBatch,
  after: RecipientBatch,
  hard: ReadonlySet<string>,
): ReputationCounts {
  const counts = { outcomes: 0, bounced: 0, complained: 0 };
  for (const [index, { address, state }] of after.recipients.entries()) {
    const was = before.recipients[index]?.state;
    if (state === was || !FINAL.has(state) || isSimulated(address)) continue;
    if (was === undefined || !FINAL.has(was)) counts.outcomes += 1;
    if (state === 'bounced' && hard.has(address.toLowerCase())) counts.bounced += 1;
    if (state === 'complained') counts.complained += 1;
  }
  return counts;
}

/**
 * Adds outcomes to the reputations of their tenants and domains, and changes standings by them.
 * Outcomes that could not be counted are logged, not tried again: their recipients' states, which are
 * written by then, would not show them a second time.
 *
 * @param at ISO 8601
 */
export async function countOutcomes(
  ports: ReputationPorts,
  outcomes: readonly Outcome[],
  at: string,
): Promise<void> {
  const known = outcomes.filter(({ counts }) => isKnown(counts));
  if (known.length === 0) return;
  const limits = await currentLimits(ports, known);
  const count = async ({ subject, counts }: Counted): Promise<CountedReputation | undefined> => {
    let reputation: CountedReputation | undefined;
    try {
      reputation = await ports.reputations.count(subject, counts, at);
      await changeStanding(ports, limits, subject, reputation, at);
    } catch (error) {
      ports.log.error('a reputation could not be counted', { ...subject, ...counts, error });
    }
    return reputation;
  };
  const ofTenants: Counted[] = [];
  for (const { subject, counts } of bySubject(known)) {
    if (subject.domain === undefined) ofTenants.push({ subject, counts });
    else {
      const { passed } = (await count({ subject, counts })) ?? {};
      const passedOn = passed === undefined ? counts : await passOn(ports, subject, counts, passed);
      ofTenants.push({ subject: { tenant: subject.tenant }, counts: passedOn });
    }
  }
  for (const each of added(ofTenants)) if (isKnown(each.counts)) await count(each);
}

/**
 * Passes outcomes of a domain on to its tenant's counts, those of mail that arrived ten at a time. What
 * is passed on and then not added is missing there, which is logged: the tenant seems worse than it is.
 *
 * @param counts those of the domain that were counted just now
 * @returns those to add to the tenant's
 */
async function passOn(
  { reputations, log }: ReputationPorts,
  subject: ReputationSubject,
  counts: ReputationCounts,
  passed: PassedOn,
): Promise<ReputationCounts> {
  const { bounced, complained } = counts;
  const later = { outcomes: 0, bounced, complained };
  if (!isPassedOn(passed, counts)) return later;
  try {
    // Whoever is faster passes these outcomes on too.
    if (!(await reputations.passOn(subject, passed))) return later;
    return { outcomes: passed.outcomes - passed.passedOn, bounced, complained };
  } catch (error) {
    log.error('outcomes could not be passed on', { ...subject, ...counts, error });
    return later;
  }
}

interface Counted {
  readonly subject: ReputationSubject;
  readonly counts: ReputationCounts;
}

const isKnown = ({ outcomes, bounced, complained }: ReputationCounts): boolean =>
  outcomes + bounced + complained > 0;

/** The limits for tenants, by the rates of the account as a whole with these outcomes. */
async function currentLimits(
  { settings: { limits }, account, log }: ReputationPorts,
  outcomes: readonly Outcome[],
): Promise<ReputationLimits> {
  const counts = outcomes.reduce(
    (sum, outcome) => addCounts(sum, outcome.counts),
    newReputation.counts,
  );
  try {
    return limitsFor(limits, await account.add(counts));
  } catch (error) {
    log.error('the outcomes of the account could not be counted', { ...counts, error });
    return limits;
  }
}

/** The counts of each domain, and of each tenant where SES does not name the domain. */
const bySubject = (outcomes: readonly Outcome[]): readonly Counted[] =>
  added(
    outcomes.map(({ tenant, domain, counts }) => ({
      subject: domain === undefined ? { tenant } : { tenant, domain },
      counts,
    })),
  );

/** One item for each subject. */
function added(all: readonly Counted[]): readonly Counted[] {
  const totals = new Map<string, Counted>();
  for (const { subject, counts } of all) {
    const key = `${subject.tenant} ${subject.domain ?? ''}`;
    const before = totals.get(key)?.counts ?? newReputation.counts;
    totals.set(key, { subject, counts: addCounts(before, counts) });
  }
  return [...totals.values()];
}

/** Others that change a standing meanwhile: from good it gets worse twice at most. */
const MOST_OTHERS = 3;

/**
 * Changes a standing by what is counted. Who counts at the same time may have changed it by less, and
 * the last outcome decides: it is then changed by what is counted and by the standing that is there.
 */
async function changeStanding(
  ports: ReputationPorts,
  limits: ReputationLimits,
  subject: ReputationSubject,
  counted: Reputation,
  at: string,
): Promise<void> {
  let reputation = counted;
  for (let others = 0; !(await judge(ports, limits, subject, reputation, at)); others += 1) {
    if (others === MOST_OTHERS) throw new Conflict('a standing');
    reputation = await ports.reputations.count(subject, newReputation.counts, at);
  }
}

/**
 * Published before it is written, under an id that the same change has again.
 *
 * @returns false where another changed the standing since it was read
 */
async function judge(
  ports: ReputationPorts,
  limits: ReputationLimits,
  subject: ReputationSubject,
  reputation: Reputation,
  at: string,
): Promise<boolean> {
  const { isEnforced } = ports.settings;
  const to = standingBy(reputation, limits);
  if (to === reputation.standing) return true;
  if (isEnforced) await ports.bus.put([standingEvent(subject, reputation, to, at)]);
  await ports.operatorEvents.put([standingChanged(subject, reputation, to, { at, isEnforced })]);
  if (!(await ports.reputations.move(subject, reputation.standing, to, at))) return false;
  const rates = ratesOf(reputation.counts);
  ports.log.warn('the standing of a sender changed', { ...subject, to, rates, isEnforced });
  if (to !== 'good') ports.countStanding(to);
  return true;
}
