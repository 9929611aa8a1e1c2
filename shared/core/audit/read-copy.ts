import { canonicalJson, type Json } from './canonical-json.ts';
import { emptyHead, type Head, type Seal } from './chain.ts';
import type { AuditOwner, StoredEntry } from './entry.ts';
import type { PersonalValues } from './personal.ts';

/** A line of `GET /v1/audit?format=jsonl`. */
interface Line {
  readonly key: string;
  readonly record: Readonly<Record<string, Json>>;
  readonly personal: PersonalValues;
  readonly seal: Omit<Seal, 'entry'> | null;
}

/**
 * Reads a copy of a log, in any order of its lines.
 *
 * @throws TypeError where a line is none, or is of another owner than the first
 */
export function readCopy(text: string): {
  readonly owner: AuditOwner;
  readonly entries: readonly StoredEntry[];
  readonly seals: readonly Seal[];
  /** Before the first that the copy has. */
  readonly start: Head;
} {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const read = lines.map(readLine);
  const owner = read[0]?.record['owner'] as AuditOwner | undefined;
  if (owner === undefined) throw new TypeError('the file has no entry of an audit log');
  const other = read.find(({ record }) => record['owner'] !== owner);
  if (other !== undefined) {
    throw new TypeError(
      `the file has entries of ${owner} and of ${canonicalJson(other.record['owner'] ?? null)}`,
    );
  }
  const seals = read.flatMap(({ key, seal }) =>
    seal === null
      ? []
      : [{ entry: key, number: seal.number, previous: seal.previous, hash: seal.hash }],
  );
  const [first] = seals.toSorted((a, b) => a.number - b.number);
  return {
    owner,
    seals,
    start:
      first === undefined
        ? emptyHead(owner)
        : { owner, number: first.number - 1, hash: first.previous },
    entries: read.map(({ key, record, personal }) => ({
      owner,
      key,
      record: canonicalJson(record),
      personal,
    })),
  };
}

function readLine(text: string, index: number): Line {
  try {
    const line = JSON.parse(text) as Partial<Line> | null;
    if (typeof line?.key === 'string' && line.record && line.personal && line.seal !== undefined) {
      return line as Line;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new TypeError(`line ${index + 1} is no line of GET /v1/audit?format=jsonl`);
}
