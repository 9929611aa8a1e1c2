/** One size of the simulation in a process of its own, so that its memory is its own: prints JSON. */
import { counted } from './bill.ts';
import { CLAIMS_PER_SECOND, simulate } from './simulate.ts';

const count = Number(process.argv[2]);
const started = performance.now();
const { bill, ...simulated } = await simulate(count);
const busySeconds = simulated.runSeconds - simulated.watchedSeconds;
console.log(
  JSON.stringify({
    ...simulated,
    realSeconds: (performance.now() - started) / 1_000,
    megabytes: process.resourceUsage().maxRSS / 1_024,
    dollars: bill.dollars(),
    busySeconds,
    shareUsed: bill.of('KMS key pairs') / (busySeconds * CLAIMS_PER_SECOND),
    counts: Object.fromEntries(counted.map((what) => [what, bill.of(what)])),
  }),
);
