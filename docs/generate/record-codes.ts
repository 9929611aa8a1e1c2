import { codeMeanings } from '#shared/core/records/codes.ts';
import { code, type Table } from './markdown.ts';

/** The codes of records that are not right, in the order of the API. */
export const recordCodes: Table = {
  columns: ['`code`', 'what is wrong'],
  rows: Object.entries(codeMeanings).map(([name, means]) => [code(name), means]),
};
