import type { EventBus, OperatorEvents } from '#shared/app/ports/event-bus.ts';
import type { Log } from '#shared/app/ports/log.ts';
import type { ReputationSettings } from '#shared/app/read-reputation.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import { standingEvent } from '#shared/core/model/event.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { standingChanged } from '#shared/core/model/operator-event.ts';
import type { RecipientBatch, RecipientState } from '#shared/core/model/recipient-batch.ts';
import {
  addCounts,
  limitsFor,
  newReputation,
  ratesOf,
  standingBy,
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
  readonly reputations: Pick<ReputationStore, 'count' | 'move'>;
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
  for (const { subject, counts } of bySubject(known)) {
    try {
      const reputation = await ports.reputations.count(subject, counts, at);
      await judge(ports, limits, subject, reputation, at);
    } catch (error) {
      ports.log.error('a reputation could not be counted', { ...subject, ...counts, error });
    }
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

/** The counts of each tenant, and of each of its domains. */
function bySubject(outcomes: readonly Outcome[]): readonly Counted[] {
  const totals = new Map<string, Counted>();
  for (const { tenant, domain, counts } of outcomes) {
    const subjects: ReputationSubject[] = [{ tenant }];
    if (domain !== undefined) subjects.push({ tenant, domain });
    for (const subject of subjects) {
      const key = `${subject.tenant} ${subject.domain ?? ''}`;
      totals.set(key, {
        subject,
        counts: addCounts(totals.get(key)?.counts ?? newReputation.counts, counts),
      });
    }
  }
  return [...totals.values()];
}

/** Published before it is written, under an id that the same change has again. */
async function judge(
  ports: ReputationPorts,
  limits: ReputationLimits,
  subject: ReputationSubject,
  reputation: Reputation,
  at: string,
): Promise<void> {
  const { isEnforced } = ports.settings;
  const to = standingBy(reputation, limits);
  if (to === reputation.standing) return;
  if (isEnforced) await ports.bus.put([standingEvent(subject, reputation, to, at)]);
  await ports.operatorEvents.put([standingChanged(subject, reputation, to, { at, isEnforced })]);
  if (!(await ports.reputations.move(subject, reputation.standing, to, at))) return;
  const rates = ratesOf(reputation.counts);
  ports.log.warn('the standing of a sender changed', { ...subject, to, rates, isEnforced });
  if (to !== 'good') ports.countStanding(to);
}
