/**
 * An import: a platform's list of domains, claimed row by row for the tenants of their external ids.
 * Its rows are stored in parts; a part is written whole, and its version decides between writers.
 */
import type { ContactDetails } from './contact.ts';
import type { PlatformId, TenantId } from './names.ts';

/** `im_`, the time in hexadecimal milliseconds, and 80 random bits, so that the ids sort by time. */
export type ImportId = `im_${string}`;

/** @param random 10 bytes of a CSPRNG */
export const importIdOf = (now: Date, random: Uint8Array): ImportId =>
  `im_${now.getTime().toString(16).padStart(12, '0')}${Buffer.from(random).toString('hex')}`;

/** When an import was begun, in epoch milliseconds. */
export const importTime = (id: ImportId): number => Number.parseInt(id.slice(3, 15), 16);

/** Returns true if a text has the form of an import's id, which may not exist. */
export const isImportId = (text: string): text is ImportId => /^im_[0-9a-f]{32}$/.test(text);

/** Days that an import and its rows are kept. */
export const IMPORT_DAYS = 90;
/** The most rows of one import. */
export const MOST_ROWS = 10_000;
/** Rows that are stored and written together. */
export const ROWS_PER_PART = 25;

/**
 * - `claimed`: this import claimed the domain for the tenant.
 * - `existing`: the tenant had claimed it before.
 * - `repeated`: an earlier row of the import says the same.
 * - `failed`: nothing was done, for the reason in `code` and `detail`.
 * - `forecast`: of a dry run: nothing was done, and this is what an import would meet.
 */
export const rowStates = ['claimed', 'existing', 'repeated', 'failed', 'forecast'] as const;
export type RowState = (typeof rowStates)[number];

/** What a claim of a domain would meet, as DNS has it now; null where DNS did not answer. */
export interface RowForecast {
  readonly registered: boolean | null;
  /** The DNS provider by its name servers, where it is a known one. */
  readonly provider: string | null;
  /** True if the provider offers Domain Connect, and this service too: one click may do. */
  readonly oneClick: boolean | null;
  /**
   * - `none`: there is no SPF record. `fits`: our include fits into it. `full`: it would pass 10
   *   lookups. `broken`: receivers cannot use what is there.
   */
  readonly spf: 'none' | 'fits' | 'full' | 'broken' | null;
  /** The policy that is in effect today; `none` where there is none. */
  readonly dmarc: { readonly policy: string; readonly own: boolean } | 'none' | null;
}

export interface RowOutcome {
  readonly state: RowState;
  /** A code of a refusal, as the API answers it. */
  readonly code?: string;
  readonly detail?: string;
  readonly tenant?: TenantId;
  readonly forecast?: RowForecast;
}

/** A row as it was read, and what became of it. */
export interface ImportRow {
  /** Its place in the file, from 1, the header left out. */
  readonly row: number;
  readonly externalId: string;
  /** As received, or the domain itself where it is one. */
  readonly domain: string;
  /** The name of a tenant that is made for it. */
  readonly name?: string;
  readonly contact?: ContactDetails;
  /** Absent until it was worked on. */
  readonly outcome?: RowOutcome;
}

/** - `running`: rows wait. - `done`. - `cancelled`: rows that wait stay as they are. */
export type ImportStatus = 'running' | 'done' | 'cancelled';

export type RowCounts = Readonly<Record<RowState, number>>;

export interface Import {
  readonly id: ImportId;
  readonly platform: PlatformId;
  readonly dryRun: boolean;
  readonly status: ImportStatus;
  readonly rows: number;
  /** Parts that are stored. */
  readonly parts: number;
  /** The part that is worked on, from 0; `parts` at the end. */
  readonly part: number;
  readonly counts: RowCounts;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

/** Rows that are stored together. */
export interface ImportPart {
  readonly import: ImportId;
  readonly part: number;
  readonly rows: readonly ImportRow[];
  /** Counts its writes. */
  readonly version: number;
}

/** Counts the rows of each state. */
export const countsOf = (rows: readonly Pick<ImportRow, 'outcome'>[]): RowCounts =>
  Object.fromEntries(
    rowStates.map((state) => [
      state,
      rows.filter(({ outcome }) => outcome?.state === state).length,
    ]),
  ) as Record<RowState, number>;

/** Rows that wait to be worked on. */
export const waitingRows = ({ rows, counts }: Pick<Import, 'rows' | 'counts'>): number =>
  rows - rowStates.reduce((sum, state) => sum + counts[state], 0);
