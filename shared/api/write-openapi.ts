import { writeFile } from 'node:fs/promises';
import { openApiDocument } from './openapi.ts';

/** Writes docs/openapi.json: `node shared/api/write-openapi.ts`, then the formatter. */
const file = new URL('../../docs/openapi.json', import.meta.url);
await writeFile(file, `${JSON.stringify(openApiDocument(), undefined, 2)}\n`);
