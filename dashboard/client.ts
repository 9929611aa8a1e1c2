/**
 * Generates the dashboard's view of the API, in `src/api/`:
 *
 * - `schema.d.ts`: the types of its client, from docs/openapi.json
 * - `record-titles.ts`, `event-kinds.ts`: titles of the kinds of record and event, from their
 *    declarations
 *
 * `npm run types` and every build generate them again. They are not kept, so they can never be out
 * of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { eventKinds, eventTypes } from '../shared/core/model/events/kinds.ts';
import { kinds } from '../shared/core/records/kinds/index.ts';

// openapi-typescript prints with the compiler API of TypeScript 5, which TypeScript 7 does not have;
// @ts-morph/common carries it without a `tsc` of its own.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'typescript' ? '@ts-morph/common/dist/typescript.js' : specifier, context),
});
const { default: openapiTypes, astToString } = await import('openapi-typescript');

const types = astToString(await openapiTypes(new URL('../docs/openapi.json', import.meta.url)));
write('src/api/schema.d.ts', types);

const titles = Object.entries(kinds).map(([purpose, { title }]) => [purpose, title]);
write(
  'src/api/record-titles.ts',
  `export const recordTitles = ${JSON.stringify(Object.fromEntries(titles))};\n`,
);

const shownKinds = JSON.stringify(eventKinds, ['title', 'label', 'tone', ...eventTypes]);
write('src/api/event-kinds.ts', `export const eventKinds = ${shownKinds} as const;\n`);

/** A write that changes nothing would wake editors and watchers. */
function write(path: string, text: string): void {
  const file = new URL(path, import.meta.url);
  if (current(file) !== text) writeFileSync(file, text);
}

function current(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
