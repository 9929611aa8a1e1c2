import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { environmentOf, sqsHandler, system } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import type { WorkerPorts } from './ports.ts';
import { report } from './reporting.ts';
import { heldBackTeller } from './telling.ts';
import { workAll } from './work.ts';

const env = environmentOf(declaration);
const teller = heldBackTeller(aws.eventBus(env), report);
const ports: WorkerPorts = {
  ...system,
  claims: aws.claims(env),
  publications: aws.publications(env),
  revokedKeys: aws.revokedKeys(env),
  backlog: aws.rotationBacklog(env),
  runs: aws.rotationRuns(env),
  pace: aws.rotationPace(env),
  claimsPerSecond: Number(env.ROTATIONS_PER_SECOND),
  resolver: dns.resolver(env),
  forge: aws.keyForge(env),
  rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  isOutage,
  report: teller.report,
};

/** Batches of claims to be rotated, and rings to be mended. */
export const handler = sqsHandler(async (bodies, deadline) => {
  const failed = await workAll(ports, bodies, deadline);
  await teller.tell();
  return failed;
});
