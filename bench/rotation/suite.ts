import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Line } from '../lib/line.ts';
import { counted, type Counted } from './bill.ts';

const sizes = [1_000, 10_000, 100_000, 1_000_000];
/** The heap that every size must do with, megabytes; a million domains take minutes. */
const HEAP_MEGABYTES = 192;

/** The output of child.ts. */
interface Result {
  readonly domains: number;
  readonly rotated: number;
  readonly runSeconds: number;
  readonly watchedSeconds: number;
  readonly busySeconds: number;
  readonly publishedSeconds: number;
  readonly shareUsed: number;
  readonly dollars: number;
  readonly megabytes: number;
  readonly mostHeld: number;
  readonly realSeconds: number;
  readonly counts: Readonly<Record<Counted, number>>;
}

/**
 * Simulates the monthly run on virtual time: the real planner, worker, claim-change-router,
 * publisher and INSYNC poll, on stand-ins with AWS's quotas and latencies. Domains are made on
 * demand. `BENCH_DOMAINS=1000,10000` takes fewer sizes.
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  const chosen = process.env['BENCH_DOMAINS']?.split(',').map(Number) ?? sizes;
  for (const size of chosen) {
    const result = await simulated(size);
    if (result.rotated !== size) throw new Error(`${result.rotated} of ${size} domains rotated`);
    const line = {
      suite: 'rotation',
      case: `${size.toLocaleString('en')} domains`,
      subject: 'sender-domains',
    };
    const figure = (what: string, value: number, unit: string) =>
      emit({ ...line, subject: what, value, unit });
    figure('share of the configured quota used', 100 * result.shareUsed, '%');
    figure('time, mail watched between waves left out', result.busySeconds, 's');
    figure('time in all, to the end of the run', result.runSeconds, 's');
    figure('time in all, to the last record INSYNC', result.publishedSeconds, 's');
    figure('cost in all', result.dollars, '$');
    figure('cost a domain', 100 * (result.dollars / size), 'cents');
    figure('memory, peak of the process', result.megabytes, 'MB');
    figure('claims under way at a time, at most', result.mostHeld, '');
    figure('simulated in', result.realSeconds, 's');
    for (const what of counted) {
      figure(`${what} a domain`, result.counts[what] / size, '');
    }
  }
}

async function simulated(size: number): Promise<Result> {
  const child = new URL('./child.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${HEAP_MEGABYTES}`,
    '--max-semi-space-size=8',
    child,
    String(size),
  ]);
  return JSON.parse(stdout) as Result;
}
