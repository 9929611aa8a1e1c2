import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { maintainZone } from '#shared/app/delegation/maintain-zone.ts';
import type { DelegationPorts } from '#shared/app/delegation/ports.ts';
import type { DelegationRequest } from '#shared/app/ports/queues.ts';
import { deploymentOf, logger, messageHandler, system } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { log } from './log.ts';

const maintaining = {
  work: (ports: DelegationPorts, body: string): Promise<void> =>
    maintainZone(JSON.parse(body) as DelegationRequest, ports),
  failed: (error: unknown, body: string) =>
    logger.error('a step of a delegated zone failed', { body, error }),
};

/** Zones to be made, changed or given up, one step a message. */
export const handler = messageHandler(declaration, maintaining, (env) => ({
  ...system,
  deployment: deploymentOf(env),
  name: env.DEPLOYMENT_NAME,
  serviceZoneId: env.SERVICE_ZONE_ID,
  mostZones: Number(env.DELEGATED_ZONES),
  claims: aws.claims(env),
  identities: aws.identities(env),
  zones: aws.delegatedZones(env),
  host: aws.zoneHost(),
  resolver: dns.resolver(env),
  queue: aws.queue(env.DELEGATIONS_QUEUE_URL),
  checks: aws.checks(env),
  log,
}));
