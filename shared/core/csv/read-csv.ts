/** A row of a CSV file by its column names, in lower case, with the line that it begins at. */
export interface CsvRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads CSV (RFC 4180) with a header line. The separator is a comma, a semicolon or a tab, whichever
 * the header line has most of: spreadsheets write their country's. Empty lines are left out.
 *
 * @throws CsvError where a quote is not closed, or there is no header
 */
export function readCsv(text: string): CsvRow[] {
  const records = recordsOf(text.replace(/^\uFEFF/, ''));
  const [header, ...rows] = records.filter(({ values }) => values.join('').trim() !== '');
  if (header === undefined) throw new CsvError('it has no header line');
  const names = header.values.map((name) => name.trim().toLowerCase());
  return rows.map(({ line, values }) => ({
    line,
    fields: Object.fromEntries(names.map((name, index) => [name, (values[index] ?? '').trim()])),
  }));
}

/** A text is no CSV; the message continues "it is not CSV: ". */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

interface CsvRecord {
  readonly line: number;
  readonly values: readonly string[];
}

const SEPARATORS = [',', ';', '\t'];

function separatorOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  const count = (separator: string): number => header.split(separator).length;
  return SEPARATORS.reduce((most, one) => (count(one) > count(most) ? one : most));
}

function recordsOf(text: string): CsvRecord[] {
  const separator = separatorOf(text);
  const records: CsvRecord[] = [];
  let values: string[] = [];
  let line = 1;
  let startedAt = 1;
  let at = 0;
  const end = (): void => {
    records.push({ line: startedAt, values });
    values = [];
    line += 1;
    startedAt = line;
  };
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const stop = isQuoted ? closingQuote(text, at, startedAt) : nextStop(text, at, separator);
    const raw = isQuoted ? text.slice(at + 1, stop) : text.slice(at, stop);
    values.push(isQuoted ? raw.replaceAll('""', '"') : raw);
    line += raw.split('\n').length - 1;
    at = isQuoted ? stop + 1 : stop;
    if (text[at] === separator) {
      at += 1;
      if (at === text.length || /[\r\n]/.test(text[at] as string)) values.push('');
      else continue;
    }
    if (isQuoted && at < text.length && !/[\r\n]/.test(text[at] as string)) {
      throw new CsvError(`the value at line ${startedAt} goes on behind its closing quote`);
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    end();
  }
  return records;
}

function nextStop(text: string, from: number, separator: string): number {
  for (let at = from; at < text.length; at += 1) {
    const one = text[at];
    if (one === separator || one === '\n' || one === '\r') return at;
  }
  return text.length;
}

/** @throws CsvError */
function closingQuote(text: string, from: number, line: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  throw new CsvError(`the quote that line ${line} opens is not closed`);
}
