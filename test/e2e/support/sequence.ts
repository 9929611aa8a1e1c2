import { readFile } from 'node:fs/promises';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Uses of the service that files of a worker share, those that take the longest first. */
const SHARES = [/\bgivenDashboard\(/, /\bsharedService\(/];

/**
 * Runs files with a service of their own first. Those that share one then follow each other in each
 * worker, which starts it once; short ones come last, so that all workers end at about the same time.
 */
export class OwnServiceFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const shares = await Promise.all(
      sorted.map(async ({ moduleId }) => {
        const text = await readFile(moduleId, 'utf8');
        return SHARES.findIndex((use) => use.test(text));
      }),
    );
    // -1: none of them.
    return [-1, ...SHARES.keys()].flatMap((each) =>
      sorted.filter((_, index) => shares[index] === each),
    );
  }
}
