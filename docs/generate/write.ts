import { readFileSync, writeFileSync } from 'node:fs';
// The templates that test/infra/docs.test.ts compares the documents with.
import { stacksOf } from '../../test/infra/synthesized.ts';
import { documents, generatedTables } from './index.ts';
import { withTables } from './markdown.ts';

/** Writes every generated table of the documents. */
const tables = generatedTables(stacksOf(), 'sender-domains');
for (const file of documents()) {
  writeFileSync(file, withTables(readFileSync(file, 'utf8'), tables));
}
