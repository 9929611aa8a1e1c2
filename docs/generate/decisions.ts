import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Table } from './markdown.ts';

const folder = resolve(import.meta.dirname, '../decisions');

export interface Decision {
  /** The name of its file in docs/decisions. */
  readonly file: string;
  readonly text: string;
}

/** Every decision, in the order of their numbers. */
export const decisionFiles = (): Decision[] =>
  globSync(`${folder}/[0-9]*.md`)
    .toSorted()
    .map((path) => ({ file: basename(path), text: readFileSync(path, 'utf8') }));

const HEAD = /^# (\d+)\. (.+)\n\nStatus: (.+)\nDate: (.+)\n/;

/** The index of the decisions. */
export const decisions = (): Table => ({
  columns: ['decision', 'status', 'date'],
  rows: decisionFiles().map(({ file, text }) => {
    const [, number, title, status = '', date = ''] = HEAD.exec(text) ?? [];
    if (number === undefined) {
      throw new Error(`${file} does not begin with "# N. title", Status and Date.`);
    }
    return [`[${number}. ${title}](${file})`, status, date];
  }),
});
