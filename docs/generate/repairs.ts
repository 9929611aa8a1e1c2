import { repairTexts } from '#shared/core/mail/repair.ts';
import { code, type Table } from './markdown.ts';

/** What is repaired in a submitted mail. */
export const repairs: Table = {
  columns: ['`code`', 'what is wrong', 'what is done'],
  rows: Object.entries(repairTexts).map(([name, [fault, remedy]]) => [code(name), fault, remedy]),
};
