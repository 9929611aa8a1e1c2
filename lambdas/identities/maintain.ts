import type { DomainName } from '#shared/core/model/names.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { quotaFull } from '#shared/core/model/operator-event.ts';
import { IdentityQuotaFull } from '#shared/app/ports/identities.ts';
import type { IdentityRequest } from '#shared/app/ports/queues.ts';
import { sendIdentityRequests } from '#shared/app/identity-views.ts';
import { Batch } from './batch.ts';
import { endClaim } from './end-claim.ts';
import type { IdentityPorts } from './ports.ts';
import { afterFailure, atOnce, retryTurn, whileHeld, type Retry } from './retry-turn.ts';
import { statusesOf, type Statuses } from './statuses.ts';
import { isFirst, takeTurn } from './take-turn.ts';
import { asksSes, hasEnded, readTasks, type Task } from './tasks.ts';

/**
 * Takes the turns at SES that messages ask for: a domain's identity is there while the domain has a
 * claim, and gone after its last. Level-triggered: the messages only name the claims, in any order
 * and any number. What fails is sent again with a delay, so that it holds up nothing else.
 *
 * @param bodies of the messages, an `IdentityRequest` each
 * @param deadline epoch milliseconds after which no call begins
 * @returns the indexes of the messages that could not even be sent again
 */
export async function maintainAll(
  ports: IdentityPorts,
  bodies: readonly string[],
  deadline: number,
): Promise<number[]> {
  const named = bodies.map((body) => requestsIn(body, ports));
  // A claim that several messages name has one turn.
  const distinct = new Map<string, IdentityRequest>();
  for (const request of named.flatMap((requests) => requests ?? [])) {
    const id = idOf(request);
    if (request.recordSeen || !distinct.has(id)) distinct.set(id, request);
  }
  const requests = [...distinct.values()];
  const lost = await takeTurns(ports, requests, deadline).catch((error: unknown) =>
    afterOutage(ports, requests, error),
  );
  return named.flatMap((some, index) =>
    some === undefined || some.some((request) => lost.has(idOf(request))) ? [index] : [],
  );
}

/**
 * Sends all requests again, where an outage kept what is stored from being read.
 *
 * @returns the ids of the requests that could not be sent again
 * @throws the error where waiting does not help
 */
async function afterOutage(
  { queue, isOutage, log }: IdentityPorts,
  requests: readonly IdentityRequest[],
  error: unknown,
): Promise<Set<string>> {
  if (!isOutage(error)) throw error;
  log({ kind: 'failed', what: 'reading what is stored', error });
  try {
    for (const request of requests) {
      const { delaySeconds, tries } = afterFailure(request);
      await sendIdentityRequests(queue, [{ ...request, tries }], delaySeconds);
    }
    return new Set();
  } catch (queueError) {
    log({ kind: 'failed', what: 'sending requests again', error: queueError });
    return new Set(requests.map(idOf));
  }
}

const idOf = ({ domain, claim }: IdentityRequest): string => `${domain} ${claim?.label}`;

/** @returns undefined where the message cannot be read */
function requestsIn(body: string, { log }: IdentityPorts): IdentityRequest[] | undefined {
  try {
    const { others = [], ...request } = JSON.parse(body) as IdentityRequest;
    return [request, ...others.map((domain) => ({ domain }))];
  } catch (error) {
    log({ kind: 'failed', what: 'reading a message', error });
    return undefined;
  }
}

/** @returns the ids of the requests that could not be sent again */
async function takeTurns(
  ports: IdentityPorts,
  requests: readonly IdentityRequest[],
  deadline: number,
): Promise<Set<string>> {
  const lost = new Set<string>();
  const { tasks, identities, malformed } = await readTasks(ports, requests);
  for (const [request, error] of malformed) {
    ports.log({ kind: 'failed', what: `the identity of ${request.domain}`, error });
    lost.add(idOf(request));
  }
  const batch = new Batch(ports, deadline, identities);
  const doing = async (task: Task, take: () => Promise<void>): Promise<void> => {
    try {
      await work(batch, task, take);
    } catch (error) {
      const { domain } = task.request;
      ports.log({ kind: 'failed', what: `the identity of ${domain}`, error });
      lost.add(idOf(task.request));
    }
  };
  // What SES is asked after deletions is not out of date when it is used.
  for (const task of tasks.filter(hasEnded)) {
    const { domain, claim } = task.request;
    await doing(task, () => endClaim(batch, domain, claim?.label));
  }
  const open = tasks.filter((task) => !hasEnded(task));
  const isFull = await hasNoRoom(ports, open);
  const isHeld = ({ turn }: Task): boolean => isFull && isFirst(turn);
  const asking = open.filter((task) => asksSes(task, batch) && !isHeld(task));
  const statuses = await statusesFor(batch, asking);
  for (const task of open) {
    await doing(task, async () => {
      if (isHeld(task)) throw new IdentityQuotaFull('the account has no room for an identity');
      if (asking.includes(task)) await noteTurn(batch, task, statuses);
      else if (task.turn.view?.status === 'held') await wait(batch, task);
    });
  }
  return lost;
}

/** Takes a turn, and notes what its claim sees now. */
async function noteTurn(batch: Batch, task: Task, { seen, failed }: Statuses): Promise<void> {
  const { request, turn } = task;
  if (failed.has(request.domain)) throw failed.get(request.domain);
  const view = await takeTurn(batch, turn, seen.get(request.domain));
  // Made by now, for the turns of other claims of the domain in this batch.
  const { status, token } = batch.identity(request.domain) ?? {};
  if (status !== undefined && token !== undefined) seen.set(request.domain, { status, token });
  if (request.claim === undefined) return;
  if (view === undefined) await wait(batch, task);
  else await batch.ports.identities.putView({ label: request.claim.label, ...view });
}

/** Has what only the operator can change checked again later. */
const wait = ({ ports }: Batch, { request, turn }: Task): Promise<void> =>
  retryTurn(ports, request, turn.view, whileHeld);

/**
 * Returns true if the account has no room for an identity, as counted: no claim gets its token then,
 * whether or not its domain has an identity.
 */
async function hasNoRoom(
  { identities, quota }: IdentityPorts,
  tasks: readonly Task[],
): Promise<boolean> {
  if (!tasks.some(({ turn }) => isFirst(turn))) return false;
  return ((await identities.used()) ?? 0) >= quota;
}

const isRetry = ({ request }: Task): boolean => (request.tries ?? 0) > 0;

/** Asks about all domains at once, and about each that failed before by itself. */
async function statusesFor(batch: Batch, wanted: readonly Task[]): Promise<Statuses> {
  const groups = [
    domainsOf(wanted.filter((task) => !isRetry(task))),
    ...wanted.filter(isRetry).map((task) => domainsOf([task])),
  ];
  const all: Statuses = { seen: new Map(), failed: new Map() };
  for (const domains of groups.filter(({ length }) => length > 0)) {
    const { seen, failed } = await statusesOf(batch, domains);
    for (const [domain, identity] of seen) all.seen.set(domain, identity);
    for (const [domain, error] of failed) all.failed.set(domain, error);
  }
  return all;
}

const domainsOf = (tasks: readonly Task[]): DomainName[] => [
  ...new Set(tasks.map(({ request }) => request.domain)),
];

/**
 * Does what a task asks for; what fails is sent again.
 *
 * @throws where that failed too
 */
async function work(batch: Batch, task: Task, take: () => Promise<void>): Promise<void> {
  const { ports } = batch;
  const { request, turn } = task;
  const again = (retry: Retry) => retryTurn(ports, request, turn.view, retry);
  if (batch.isOver()) return again(atOnce(request));
  try {
    return await take();
  } catch (error) {
    if (error instanceof IdentityQuotaFull) {
      await noteFull(batch, task);
      return wait(batch, task);
    }
    if (error instanceof Throttled) return again(atOnce(request));
    const what = `the identity of ${request.domain}`;
    ports.log({ kind: 'failed', what, error, tries: request.tries ?? 0 });
    return again(afterFailure(request));
  }
}

/** Notifies the operator as often as another claim has to wait. */
async function noteFull({ ports }: Batch, { request, turn }: Task): Promise<void> {
  if (turn.view?.status === 'held') return;
  ports.log({ kind: 'quota-full', domain: request.domain });
  await ports.operatorEvents.put([quotaFull(ports.clock.now().toISOString())]);
}
