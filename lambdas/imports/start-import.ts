import { createHash } from 'node:crypto';
import { readRows, type ImportFormat } from '#shared/core/imports/read-rows.ts';
import {
  countsOf,
  importIdOf,
  ROWS_PER_PART,
  waitingRows,
  type Import,
  type ImportPart,
} from '#shared/core/model/import.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';
import type { ImportPorts } from './ports.ts';

export interface NewImport {
  readonly platform: PlatformId;
  readonly text: string;
  readonly format: ImportFormat;
  readonly dryRun: boolean;
  /** The Idempotency-Key as received; the dispatcher answers what was answered before. */
  readonly idempotencyKey: string | undefined;
}

/** So that the message does not come before the import is stored. */
const FIRST_DELAY_SECONDS = 1;

/**
 * Takes a list of domains: reads its rows, takes them from the platform's budgets, stores them, and
 * queues the work. A request that was cut short before its answer, and comes again with its
 * Idempotency-Key, gives the import that it made, and queues its work again where that is not done.
 *
 * @throws Refusal `invalid-body`
 * @throws BudgetExceeded `import-rows-day`, `platform-claims-day`; nothing is stored then
 */
export async function startImport(request: NewImport, ports: ImportPorts): Promise<Import> {
  const { platform, text, format, dryRun, idempotencyKey } = request;
  const key =
    idempotencyKey === undefined ? undefined : digestOf(idempotencyKey, format, dryRun, text);
  const known = key && (await ports.imports.ofRequest(platform, key));
  const before = known && (await ports.imports.get(platform, known));
  if (before) return resumed(before, ports);

  const rows = readRows(text, format, ports.zone);
  const counts = countsOf(rows);
  const now = ports.clock.now();
  const id = importIdOf(now, ports.random.bytes(10));
  const parts = slicesOf(rows, ROWS_PER_PART).map((some, part): ImportPart => ({
    import: id,
    part,
    rows: some,
    version: 0,
  }));
  const head: Import = {
    id,
    platform,
    dryRun,
    status: 'running',
    rows: rows.length,
    parts: parts.length,
    part: 0,
    counts,
    createdAt: now.toISOString(),
  };
  await takeRows(head, ports);
  await ports.imports.putParts(parts);
  // Sent first: no import is stored without a message that works on it.
  await ports.queue.send([{ platform, id }], { delaySeconds: FIRST_DELAY_SECONDS });
  return ports.imports.create(head, key);
}

async function resumed(before: Import, { queue }: ImportPorts): Promise<Import> {
  const { platform, id, status } = before;
  if (status === 'running') await queue.send([{ platform, id }]);
  return before;
}

/** Rows that fail at once claim nothing. @throws BudgetExceeded */
async function takeRows(head: Import, { budgets }: ImportPorts): Promise<void> {
  const { platform, rows, dryRun } = head;
  const taken = await budgets.take(platform, 'import-rows', rows);
  const waiting = waitingRows(head);
  if (dryRun || waiting === 0) return;
  try {
    await budgets.take(platform, 'platform-claims', waiting);
  } catch (error) {
    await budgets.adjust(taken, -rows);
    throw error;
  }
}

/** Another list is another import, also where the key was sent with a list before. */
const digestOf = (...request: readonly (string | boolean)[]): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('hex');
