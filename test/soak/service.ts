import { join } from 'node:path';
import { startLocal, type LocalOptions } from '../../cli/service/run.ts';
import { type FaultPlan, Faults } from '../../local/aws/faults.ts';
import { writeFileAtomically } from '../../local/aws/state-file.ts';
import { skipLongWait } from '../e2e/support/waits.ts';

/** What the process is started with, as JSON in its argument. */
export interface SoakService {
  readonly options: LocalOptions;
  readonly plan: FaultPlan;
}

process.env['TZ'] = 'UTC';
const { options, plan } = JSON.parse(process.argv[2] ?? '') as SoakService;
const faults = new Faults(plan);
const local = await startLocal({ ...options, fail: faults.fail, disorder: faults.disorder });
setInterval(() => void skipLongWait(local, 'sender-domains-outbound'), 100);
const counts = join(options.stateDir, `faults-${process.pid}.json`);
// Whole, since the process is killed at any time.
setInterval(() => writeFileAtomically(counts, JSON.stringify(faults)), 200);
process.on('SIGTERM', () => void local.stop().then(() => process.exit(0)));
process.on('message', ({ rate }: { rate: number }) => {
  faults.rate = rate;
});
console.log('ready');
