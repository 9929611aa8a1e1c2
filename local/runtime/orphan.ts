import { readFileSync } from 'node:fs';

/** Milliseconds between checks. */
const POLL_MS = 250;

/**
 * Calls back once when npm, which started this process through a shell, is gone. A signal to npm or
 * its shell alone would leave this process running unseen. Without npm, or where the system has no
 * /proc, it checks only the parent, or nothing.
 */
export function whenNpmIsGone(callback: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npm) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
}

function parentOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return undefined;
  }
}
