import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { actingAs, serviceActor } from '#shared/runtime/actor.ts';
import { clock, deploymentOf, environmentOf, type ScheduleEvent } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { log, logServices } from './log.ts';
import { refreshDue } from './refresh.ts';
import { refreshServices } from './refresh-services.ts';

const env = environmentOf(declaration);
const ports = {
  claims: aws.claims(env),
  flattenings: aws.flattenings(env),
  networks: aws.serviceNetworks(env),
  resolver: dns.resolver(env),
  deployment: deploymentOf(env),
  clock,
};

export async function handler({ task }: ScheduleEvent): Promise<void> {
  if (task === 'services') logServices(await refreshServices(ports));
  else await actingAs(serviceActor(declaration.name), () => refreshDue(ports, log));
}
