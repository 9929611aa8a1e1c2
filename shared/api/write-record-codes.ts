import { readFile, writeFile } from 'node:fs/promises';
import { withRecordCodes } from './record-codes.ts';

/** Writes the table of the records' codes into docs/api.md: `node shared/api/write-record-codes.ts`. */
const file = new URL('../../docs/api.md', import.meta.url);
await writeFile(file, withRecordCodes(await readFile(file, 'utf8')));
