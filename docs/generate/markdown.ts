/** A table of a document, whose rows are generated and begin with a name that is unique in it. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns after the generated ones, which people write, row by row. @default none */
  readonly byHand?: readonly string[];
}

export type Tables = Readonly<Record<string, Table>>;

const BLOCK = /<!-- generated: ([a-z-]+) -->\n(.*?)<!-- end -->/gs;
const CELL = /(?<!\\)\|/;

/** The names of the tables that a document has. */
export const tablesIn = (markdown: string): string[] =>
  [...markdown.matchAll(BLOCK)].map(([, name = '']) => name);

/**
 * Replaces every generated table of a document by the current one. Cells that people wrote stay
 * with their row.
 *
 * @throws Error where the document names a table that does not exist
 */
export function withTables(markdown: string, tables: Tables): string {
  return markdown.replace(BLOCK, (_, name: string, old: string) => {
    const table = tables[name];
    if (table === undefined) {
      throw new Error(`There is no table "${name}"; there are ${Object.keys(tables).join(', ')}.`);
    }
    return `<!-- generated: ${name} -->\n\n${render(table, parse(old))}\n<!-- end -->`;
  });
}

/** The rows of a document's tables that lack what people are to write, as `table: row: column`. */
export function unwritten(markdown: string, tables: Tables): string[] {
  return [...markdown.matchAll(BLOCK)].flatMap(([, name = '', text = '']) => {
    const written = parse(text);
    const { rows, byHand = [] } = tables[name] ?? { rows: [] };
    return rows.flatMap(([key = '']) =>
      byHand
        .filter((column) => (written.get(key)?.get(column) ?? '') === '')
        .map((column) => `${name}: ${key}: ${column}`),
    );
  });
}

/** Every cell of a table's text, by the first cell of its row, and by its column. */
export function parse(text: string): Map<string, Map<string, string>> {
  const [head = [], , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(CELL)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(
    rows.map((cells) => [
      cells[0] ?? '',
      new Map(head.map((column, index) => [column, cells[index] ?? ''])),
    ]),
  );
}

function render({ columns, rows, byHand = [] }: Table, old: ReturnType<typeof parse>): string {
  const lines = rows.map((cells) => {
    const escaped = cells.map((cell) => cell.replaceAll('|', String.raw`\|`));
    const written = byHand.map((column) => old.get(escaped[0] ?? '')?.get(column) ?? '');
    return [...escaped, ...written];
  });
  const head = [...columns, ...byHand];
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

export const code = (text: string | number): string => `\`${text}\``;
