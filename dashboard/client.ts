/**
 * Writes the types of the API's client, `src/api/schema.d.ts`, from docs/openapi.json. The file is
 * made anew by `npm run types` and by every build, and is not kept: it can never be out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// openapi-typescript prints with the compiler API of TypeScript 5, which TypeScript 7 does not have;
// @ts-morph/common carries it without a `tsc` of its own.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'typescript' ? '@ts-morph/common/dist/typescript.js' : specifier, context),
});
const { default: openapiTypes, astToString } = await import('openapi-typescript');

const types = astToString(await openapiTypes(new URL('../docs/openapi.json', import.meta.url)));
const file = new URL('src/api/schema.d.ts', import.meta.url);
// A write that changes nothing would wake editors and watchers.
if (current(file) !== types) writeFileSync(file, types);

function current(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
