import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from '../aws/state-file.ts';

/** Another run has the state folder. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';

  constructor(folder: string, pid: number) {
    super(
      `the local run of ${folder} is already running (process ${pid}): stop that one first, or give this one another folder`,
    );
  }
}

interface Holder {
  readonly pid: number;
  /** Distinguishes the process from a later one with the same number. */
  readonly started: string | undefined;
}

/**
 * Takes a state folder for this process. A lock whose process is gone does not count.
 *
 * @returns what gives the folder back
 * @throws AlreadyRunningError
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      const holder: Holder = { pid: process.pid, started: startOf(process.pid) };
      writeSync(descriptor, JSON.stringify(holder));
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    if (holder !== undefined && isAlive(holder)) throw new AlreadyRunningError(folder, holder.pid);
    rmSync(file, { force: true });
  }
}

function holderOf(file: string): Holder | undefined {
  try {
    return readJsonFile(file) as Holder | undefined;
  } catch {
    // Its process was killed between making the file and filling it.
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
  return started === startOf(pid);
}

/** When a process started, in ticks since boot; undefined where the system has no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything; the 22nd is the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
