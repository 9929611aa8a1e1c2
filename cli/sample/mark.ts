import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The file that says that a local run has the sample, with its tenants and their keys. */
export const markOf = (stateDir: string): string => join(stateDir, 'sample.json');

/** Returns true if the folder of a local run has the sample already. */
export const hasSample = (stateDir: string): boolean => existsSync(markOf(stateDir));
