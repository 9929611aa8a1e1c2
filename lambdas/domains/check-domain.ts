import { setTimeout as pause } from 'node:timers/promises';
import type { Claim, ClaimKey } from '#shared/domain/claim.ts';
import { Conflict, Refusal } from '#shared/domain/errors.ts';
import { requireClaim } from './require-claim.ts';
import type { DomainPorts } from './ports.ts';

/** One check asks dozens of DNS questions of servers that are not ours. */
const PAUSE_MS = 2_000;
/** Before the function's own timeout, with room to answer. */
const PATIENCE_MS = 20_000;

type CheckPorts = Pick<DomainPorts, 'claims' | 'checks' | 'runCheck' | 'clock'>;

/**
 * Checks a claim's records now. Where a check has just begun or ended, and where one takes longer
 * than 20 s, what is known so far is answered: whoever asks in a loop gets the last check's answer.
 *
 * @throws Refusal `not-found`, `domain-deleting`
 */
export async function checkDomain(
  key: ClaimKey,
  ports: CheckPorts,
  patienceMs = PATIENCE_MS,
): Promise<Claim> {
  const claim = await requireClaim(key, ports.claims);
  if (claim.lifecycle !== 'live') {
    throw new Refusal(
      'domain-deleting',
      `${claim.domain} is being deleted; claim it again with POST /v1/domains to undo that.`,
    );
  }
  if (!(await takeTurn(claim, ports))) return claim;
  const giveUp = new AbortController();
  try {
    const checked = await Promise.race([
      ports.runCheck(claim),
      pause(patienceMs, claim, { signal: giveUp.signal }),
    ]);
    // A claim whose time is over ends with the check that finds that out.
    return checked.lifecycle === 'live' ? checked : await requireClaim(key, ports.claims);
  } catch (error) {
    // A check by schedule came between and wrote the claim: what it saw is as new.
    if (error instanceof Conflict) return await requireClaim(key, ports.claims);
    throw error;
  } finally {
    giveUp.abort();
  }
}

/**
 * Lets one check of a claim begin in 2 s. Beginning moves the due time to the end of the pause, by a
 * conditional write: so a due time within the pause tells that a check has just begun, and of two
 * that begin at once only one does. The check itself then notes when the next is due; one that got
 * lost is made by the planner.
 *
 * @returns whether it is this one's turn
 */
async function takeTurn(
  { tenant, domain, label }: Claim,
  { checks, clock }: CheckPorts,
): Promise<boolean> {
  const now = clock.now().getTime();
  const until = new Date(now + PAUSE_MS).toISOString();
  const state = await checks.get(label);
  if (state === undefined) {
    await checks.schedule({ tenant, domain, label, dueAt: until });
    return true;
  }
  const since = now - Date.parse(state.result?.checkedAt ?? new Date(0).toISOString());
  const left = Date.parse(state.dueAt) - now;
  if (since < PAUSE_MS || (left > 0 && left <= PAUSE_MS)) return false;
  return checks.lease(state, until);
}
