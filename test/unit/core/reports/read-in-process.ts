import { readFileSync } from 'node:fs';
import { readReport } from './read-one.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';

/** `node read-in-process.ts MAIL`: prints what a mail gives and what that took, as JSON. */
const raw = readFileSync(process.argv[2] as string);
const megabytes = (): number => process.resourceUsage().maxRSS / 1_000;
try {
  const { rows, messages, groups } = await readReport(raw);
  console.log(JSON.stringify({ rows, messages, groups: groups.length, megabytes: megabytes() }));
} catch (error) {
  if (!(error instanceof UnreadableReport)) throw error;
  console.log(JSON.stringify({ reason: error.code, megabytes: megabytes() }));
}
