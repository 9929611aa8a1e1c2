import { codeMeanings } from '#shared/core/records/codes.ts';

const BEGIN = '<!-- record codes: node shared/api/write-record-codes.ts -->\n';
const END = '<!-- end of record codes -->';

/** Replaces the table of the records' codes in docs/api.md by what the kinds of record say. */
export function withRecordCodes(markdown: string): string {
  const rows = Object.entries(codeMeanings).map(([code, means]) => `| \`${code}\` | ${means} |\n`);
  const [before = '', rest = ''] = markdown.split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  return `${before}${BEGIN}\n| \`code\` | |\n|---|---|\n${rows.join('')}\n${after}`;
}
