import { within } from '#shared/async/timeout.ts';
import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { requireClaim, requireLive } from './require-claim.ts';
import type { DomainPorts } from './ports.ts';

/** One check asks dozens of DNS questions of servers that are not ours. */
const PAUSE_MS = 2_000;
/** The interval of the polls for the end of a check that has just begun. */
const POLL_MS = 250;
/** Before the function's own timeout, with room to answer. */
const TIMEOUT_MS = 20_000;

type CheckPorts = Pick<DomainPorts, 'claims' | 'checks' | 'runCheck' | 'clock' | 'retryTime'>;

/**
 * Checks a claim's records now. Where a check that began within the last 2 s has ended, its answer
 * is the answer. Where one is under way, this one awaits it and then starts. After 20 s the answer
 * is what is known so far.
 *
 * @throws Refusal `not-found`, `domain-deleting`
 */
export async function checkDomain(
  key: ClaimKey,
  ports: CheckPorts,
  timeoutMs = TIMEOUT_MS,
): Promise<Claim> {
  const claim = await requireClaim(key, ports.claims);
  requireLive(claim);
  const { clock } = ports;
  const giveUpAt = clock.now().getTime() + timeoutMs;
  const left = (): number => giveUpAt - clock.now().getTime();
  let turn = await takeTurn(claim, ports);
  for (; turn === 'wait' && left() > 0; turn = await takeTurn(claim, ports)) {
    await ports.retryTime.sleep(POLL_MS);
  }
  if (turn !== 'own') return await requireClaim(key, ports.claims);
  try {
    const checked = await within(Math.max(0, left()), ports.runCheck(claim), claim);
    // A claim whose time is over ends with the check that finds that out.
    return checked.lifecycle === 'live' ? checked : await requireClaim(key, ports.claims);
  } catch (error) {
    // A check by schedule came between and wrote the claim: what it saw is as new.
    if (error instanceof Conflict) return await requireClaim(key, ports.claims);
    throw error;
  }
}

/**
 * Lets one check of a claim begin in 2 s. Beginning moves the due time to the end of the pause, by
 * a conditional write. So a due time within the pause means that a check has just begun, and of two
 * only one begins. The check itself then notes when the next is due; the planner repeats a lost
 * one.
 *
 * @returns `own` where it is this one's turn; `wait` while another is under way; `done` where one
 * that began within the pause has ended
 */
async function takeTurn(
  { tenant, domain, label }: Claim,
  { checks, clock }: CheckPorts,
): Promise<'own' | 'wait' | 'done'> {
  const now = clock.now().getTime();
  const until = new Date(now + PAUSE_MS).toISOString();
  const state = await checks.get(label);
  if (state === undefined) {
    await checks.schedule({ tenant, domain, label, dueAt: until });
    return 'own';
  }
  const since = now - Date.parse(state.result?.checkedAt ?? new Date(0).toISOString());
  if (since < PAUSE_MS) return 'done';
  const left = Date.parse(state.dueAt) - now;
  if (left > 0 && left <= PAUSE_MS) return 'wait';
  return (await checks.lease(state, until)) ? 'own' : 'wait';
}
