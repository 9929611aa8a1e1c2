/** A table of a document, whose rows are generated and begin with a name that is unique in it. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type Tables = Readonly<Record<string, Table>>;

const BLOCK = /<!-- generated: ([a-z-]+) -->\n(.*?)<!-- end -->/gs;
const CELL = /(?<!\\)\|/;

/** The names of the tables that a document has. */
export const tablesIn = (markdown: string): string[] =>
  [...markdown.matchAll(BLOCK)].map(([, name = '']) => name);

/**
 * Replaces every generated table of a document by the current one.
 *
 * @throws Error where the document names a table that does not exist
 */
export function withTables(markdown: string, tables: Tables): string {
  return markdown.replace(BLOCK, (_, name: string) => {
    const table = tables[name];
    if (table === undefined) {
      throw new Error(`There is no table "${name}"; there are ${Object.keys(tables).join(', ')}.`);
    }
    return `<!-- generated: ${name} -->\n\n${render(table)}\n<!-- end -->`;
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

function render({ columns, rows }: Table): string {
  const lines = rows.map((cells) => cells.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  return [columns, columns.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

export const code = (text: string | number): string => `\`${text}\``;
