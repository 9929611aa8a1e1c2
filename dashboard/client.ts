/**
 * Writes what the dashboard takes from the API: the types of its client, `src/api/schema.d.ts`, from
 * docs/openapi.json, and what the kinds of record and of event are called, `src/api/record-titles.ts`
 * and `src/api/event-kinds.ts`, from where they are declared. All are made anew by `npm run types` and
 * by every build, and are not kept: they can never be out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { eventKinds } from '../shared/core/model/events/kinds.ts';
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

write(
  'src/api/event-kinds.ts',
  `export const eventKinds = ${JSON.stringify(eventKinds)} as const;\n`,
);

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
