import { readFile } from 'node:fs/promises';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Runs files with a service of their own first. Those that share one then follow each other in each
 * worker, which starts it once.
 */
export class OwnServiceFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const shares = await Promise.all(
      sorted.map(async ({ moduleId }) =>
        /\b(sharedService|givenDashboard)\(/.test(await readFile(moduleId, 'utf8')),
      ),
    );
    return [false, true].flatMap((each) => sorted.filter((_, index) => shares[index] === each));
  }
}
