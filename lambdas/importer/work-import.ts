import { limiter } from '#shared/async/limit.ts';
import { Conflict, Refusal, Throttled } from '#shared/core/model/errors.ts';
import {
  countsOf,
  rowStates,
  importTime,
  type Import,
  type ImportPart,
  type ImportRow,
  type RowCounts,
  type RowOutcome,
} from '#shared/core/model/import.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import type { ImportRequest } from '#shared/app/ports/import-requests.ts';
import { claimRow } from './claim-row.ts';
import { forecastRow } from './forecast-row.ts';
import type { ImporterPorts } from './ports.ts';
import { SesRoom } from './ses-room.ts';

/** Rows whose outcomes are written together: what a call that is killed does again, at most. */
const ROWS_PER_NOTE = 5;
/** Domains whose DNS is asked at once. */
const FORECASTS_AT_ONCE = 8;
/** Seconds after which an import is tried again whose tables or keys are throttled. */
const THROTTLED_SECONDS = 10;
/** An import that is not stored after this time never will be. */
const NEVER_STORED_MS = 5 * MINUTE_MS;

/**
 * Works on an import until its end or the deadline, then sends its message again. Two calls at once
 * do the same rows, which changes nothing, and the one that writes second stops.
 *
 * @param deadline epoch milliseconds after which no row is begun
 */
export async function workImport(
  request: ImportRequest,
  ports: ImporterPorts,
  deadline: number,
): Promise<void> {
  const room = new SesRoom(ports, request.waiting);
  const { platform, id } = request;
  for (;;) {
    const head = await ports.imports.get(platform, id);
    if (head === undefined) return awaitStored(request, ports);
    if (head.status !== 'running') return;
    const part = await ports.imports.part(id, head.part);
    if (part === undefined) throw new Error(`part ${head.part} of the import ${id} is missing`);
    const worked = await workSome(head, part, { room, ports, deadline });
    try {
      if (worked.rows > 0 || isDone(worked.part)) await note(head, part, worked.part, ports);
    } catch (error) {
      // The same message came twice, or the import was cancelled: the other goes on with it.
      if (error instanceof Conflict) return;
      throw error;
    }
    if (worked.stopped !== undefined) {
      const delaySeconds = worked.stopped === 'throttled' ? THROTTLED_SECONDS : 0;
      return ports.queue.send([{ platform, id, waiting: room.waiting }], { delaySeconds });
    }
  }
}

/** The message is sent before the import is stored, so that no accepted import is without one. */
async function awaitStored(request: ImportRequest, ports: ImporterPorts): Promise<void> {
  const age = ports.clock.now().getTime() - importTime(request.id);
  if (age < NEVER_STORED_MS) await ports.queue.send([request], { delaySeconds: THROTTLED_SECONDS });
}

interface Work {
  readonly room: SesRoom;
  readonly ports: ImporterPorts;
  readonly deadline: number;
}

interface Worked {
  readonly part: ImportPart;
  /** Rows that have an outcome now and had none. */
  readonly rows: number;
  /** Why no further row was begun; absent where some may be. */
  readonly stopped?: 'deadline' | 'throttled';
}

async function workSome(head: Import, part: ImportPart, work: Work): Promise<Worked> {
  const waiting = part.rows.filter(({ outcome }) => outcome === undefined);
  const outcomes = new Map<number, RowOutcome>();
  const stopped = head.dryRun
    ? await forecastSome(waiting, outcomes, work)
    : await claimSome(head, waiting.slice(0, ROWS_PER_NOTE), outcomes, work);
  const rows = part.rows.map((row): ImportRow => {
    const outcome = outcomes.get(row.row);
    return outcome === undefined ? row : { ...row, outcome };
  });
  return {
    part: { ...part, rows, version: part.version + 1 },
    rows: outcomes.size,
    ...(stopped === undefined ? {} : { stopped }),
  };
}

async function forecastSome(
  rows: readonly ImportRow[],
  outcomes: Map<number, RowOutcome>,
  { ports, deadline }: Work,
): Promise<Worked['stopped']> {
  if (ports.clock.now().getTime() >= deadline) return 'deadline';
  const limited = limiter({ tasks: FORECASTS_AT_ONCE });
  const forecastOne = async ({ row, domain }: ImportRow): Promise<void> => {
    const forecast = await forecastRow(domain as DomainName, ports);
    outcomes.set(row, { state: 'forecast', forecast });
  };
  await Promise.all(rows.map((row) => limited(() => forecastOne(row))));
  return undefined;
}

async function claimSome(
  head: Import,
  rows: readonly ImportRow[],
  outcomes: Map<number, RowOutcome>,
  { room, ports, deadline }: Work,
): Promise<Worked['stopped']> {
  for (const row of rows) {
    if (ports.clock.now().getTime() >= deadline) return 'deadline';
    if (!(await room.opens(deadline))) return 'deadline';
    try {
      const { outcome, made } = await claimRow(head, row, ports);
      outcomes.set(row.row, outcome);
      if (made !== undefined) room.add(made);
    } catch (error) {
      if (mayPass(error, ports)) return 'throttled';
      // A row that always fails must not hold up the others.
      ports.log(error, row.row);
      outcomes.set(row.row, unexpected);
    }
  }
  return undefined;
}

const mayPass = (error: unknown, { isOutage }: Pick<ImporterPorts, 'isOutage'>): boolean =>
  error instanceof Throttled ||
  error instanceof Conflict ||
  (error instanceof Refusal && error.code === 'busy') ||
  isOutage(error);

const unexpected: RowOutcome = {
  state: 'failed',
  code: 'internal-error',
  detail: 'The service failed at this row; it has been noted. Import the row again.',
};

const isDone = ({ rows }: ImportPart): boolean =>
  rows.every(({ outcome }) => outcome !== undefined);

/** Writes the outcomes with the import's counts, and goes on to the next part at the end of one. */
async function note(
  head: Import,
  before: ImportPart,
  next: ImportPart,
  { imports, clock }: ImporterPorts,
): Promise<void> {
  const part = head.part + (isDone(next) ? 1 : 0);
  const isEnd = part === head.parts;
  await imports.advance(
    { head, part: before },
    {
      part: next,
      head: {
        ...head,
        part,
        counts: added(head.counts, countsOf(before.rows), countsOf(next.rows)),
        ...(isEnd ? { status: 'done', finishedAt: clock.now().toISOString() } : {}),
      },
    },
  );
}

const added = (counts: RowCounts, before: RowCounts, after: RowCounts): RowCounts =>
  Object.fromEntries(
    rowStates.map((state) => [state, counts[state] + after[state] - before[state]]),
  ) as Record<(typeof rowStates)[number], number>;
