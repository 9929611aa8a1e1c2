import { readFileSync, writeFileSync } from 'node:fs';
// The templates that test/infra/docs.test.ts compares the documents with.
import { stacksOf } from '../../test/infra/synthesized.ts';
import { documents, generatedTables } from './index.ts';
import { unwritten, withTables } from './markdown.ts';

/** Writes every generated table of the documents, and prints the cells that people are to write. */
const tables = generatedTables(stacksOf(), 'sender-domains');
for (const file of documents()) {
  const text = withTables(readFileSync(file, 'utf8'), tables);
  writeFileSync(file, text);
  for (const cell of unwritten(text, tables)) console.log(`${file}: write ${cell}`);
}
