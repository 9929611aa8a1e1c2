import { readFileSync } from 'node:fs';
import { readReport } from './read-one.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';

/** `node read-in-process.ts MAIL`: prints what a mail gives and what that took, as JSON. */
const raw = readFileSync(process.argv[2] as string);
/**
 * The peak of this program's memory. `maxRSS` begins on Linux with that of the process that started it,
 * which is a worker with all that its earlier tests loaded.
 */
function megabytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1_000;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error('/proc/self/status has no VmHWM');
  return Number(kilobytes) / 1_000;
}
try {
  const { rows, messages, groups } = await readReport(raw);
  console.log(JSON.stringify({ rows, messages, groups: groups.length, megabytes: megabytes() }));
} catch (error) {
  if (!(error instanceof UnreadableReport)) throw error;
  console.log(JSON.stringify({ reason: error.code, megabytes: megabytes() }));
}
