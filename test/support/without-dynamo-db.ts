import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDynamoDb, NoDynamoDbError, type Machine } from '../../local/aws/dynamodb-source.ts';

const root = join(import.meta.dirname, '../..');

/** Imports or calls of a test file that needs a DynamoDB. */
const USES_ONE = /support\/dynamo\.ts'|startDynamoDb|startServices|startLocal|startApp\b/;

/**
 * Returns the test files that cannot run where a machine has no DynamoDB, and warns loudly. Where
 * CI is set none is left out: they fail there.
 *
 * @returns paths from the repository's root
 */
export function withoutDynamoDb(machine: Machine = process): string[] {
  try {
    findDynamoDb(machine);
    return [];
  } catch (error) {
    if (!(error instanceof NoDynamoDbError)) throw error;
    if (machine.env['CI'] !== undefined) return [];
    const files = globSync('test/{contract,local,e2e}/**/*.test.ts', { cwd: root }).filter(
      (file) =>
        file.startsWith('test/e2e/') || USES_ONE.test(readFileSync(join(root, file), 'utf8')),
    );
    console.warn(`\n*** ${files.length} TEST FILES ARE SKIPPED: ${error.message} ***\n`);
    return files;
  }
}
