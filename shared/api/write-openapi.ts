import { readFile, writeFile } from 'node:fs/promises';
import { openApiDocument } from './openapi.ts';

/** Writes docs/openapi.json: `npm run docs`, which formats it too. */
const file = new URL('../../docs/openapi.json', import.meta.url);
const document = inOrderOf(JSON.parse(await readFile(file, 'utf8')), openApiDocument());
await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);

/** Keeps the order of the keys that were there and puts new ones last, so that a diff shows only what changed. */
function inOrderOf(before: unknown, now: unknown): unknown {
  if (!isObject(before) || !isObject(now)) return now;
  const kept = Object.keys(before).filter((key) => key in now);
  return Object.fromEntries(
    [...new Set([...kept, ...Object.keys(now)])].map((key) => [
      key,
      inOrderOf(before[key], now[key]),
    ]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
