import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { bodyOf, header, idempotencyKeyOf, readQuery, type ApiEvent } from '#shared/api/http.ts';
import { imports, MAX_IMPORT_OCTETS, type ImportDocument } from '#shared/api/routes/imports.ts';
import { CALLS_PER_NEW_CLAIM, BETWEEN_CALLS_MS } from '#shared/app/ses-turn.ts';
import type { ImportFormat } from '#shared/core/imports/read-rows.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import { isImportId, waitingRows, type Import } from '#shared/core/model/import.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import { later } from '#shared/core/time.ts';
import { listRows } from './list-rows.ts';
import type { ImportPorts } from './ports.ts';
import { startImport } from './start-import.ts';

const useCases = {
  async startImport({ event, platform }, ports) {
    const { dryRun } = readQuery(event, imports.startImport.query);
    const made = await startImport(
      {
        platform,
        ...readList(event),
        dryRun: dryRun === 'true',
        idempotencyKey: idempotencyKeyOf(event),
      },
      ports,
    );
    return documentOf(made, ports);
  },

  async listImports({ platform, query: { cursor, limit } }, ports) {
    const page = await ports.imports.list(platform, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return {
      imports: page.imports.map((one) => documentOf(one, ports)),
      cursor: page.cursor ?? null,
    };
  },

  async getImport(call, ports) {
    return documentOf(await requireImport(call, ports), ports);
  },

  async listImportRows({ query, ...call }, ports) {
    return listRows(await requireImport(call, ports), query, ports);
  },

  async cancelImport(call, ports) {
    const before = await requireImport(call, ports);
    try {
      if (before.status === 'running') {
        await ports.imports.cancel(before, ports.clock.now().toISOString());
      }
    } catch (error) {
      // It ended meanwhile, which is answered.
      if (!(error instanceof Conflict)) throw error;
    }
    return documentOf(await requireImport(call, ports), ports);
  },
} satisfies UseCases<'imports', ImportPorts>;

/** Answers a request about imports. */
export const answer = dispatcher<'imports', ImportPorts>(imports, useCases);

const formats: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'application/x-ndjson': 'jsonl',
};

/** @throws Refusal `unsupported-media-type`, `payload-too-large`, `invalid-body` */
function readList(event: ApiEvent): { text: string; format: ImportFormat } {
  const mediaType = header(event, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = formats[mediaType];
  if (format === undefined) {
    throw new Refusal(
      'unsupported-media-type',
      `Send the list with "Content-Type: text/csv" or "application/x-ndjson", not ${mediaType === '' ? 'without a Content-Type' : `"${mediaType.slice(0, 80)}"`}.`,
    );
  }
  const body = bodyOf(event);
  if (body.length > MAX_IMPORT_OCTETS) {
    throw new Refusal(
      'payload-too-large',
      `The list has ${body.length} octets; an import takes at most ${MAX_IMPORT_OCTETS}. Send it in parts.`,
    );
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(body), format };
  } catch {
    throw new Refusal('invalid-body', 'The list is not as it must be: it is not UTF-8.');
  }
}

interface OfImport {
  readonly platform: PlatformId;
  readonly params: { readonly id: string };
}

/** @throws Refusal `not-found` */
async function requireImport({ platform, params: { id } }: OfImport, ports: ImportPorts) {
  const found = isImportId(id) ? await ports.imports.get(platform, id) : undefined;
  if (found !== undefined) return found;
  throw new Refusal('not-found', 'You have no such import; imports are kept for 90 days.');
}

/** Milliseconds that a row of a dry run takes, about: its DNS is asked with that of others. */
const FORECAST_MS = 250;

const documentOf = (one: Import, { clock }: Pick<ImportPorts, 'clock'>): ImportDocument => {
  const { id, dryRun, status, rows, counts, createdAt, finishedAt } = one;
  const waiting = waitingRows(one);
  const each = dryRun ? FORECAST_MS : CALLS_PER_NEW_CLAIM * BETWEEN_CALLS_MS;
  return {
    id,
    dryRun,
    status,
    rows,
    counts: { ...counts, waiting },
    createdAt,
    finishedAt: finishedAt ?? null,
    expectedAt: status === 'running' ? later(clock.now(), waiting * each) : null,
  };
};
