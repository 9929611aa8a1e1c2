import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { clock, deploymentOf, environmentOf } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { refreshDue, type FlattenerPorts } from './refresh.ts';
import { log } from './log.ts';

const env = environmentOf(declaration);
const ports: FlattenerPorts = {
  claims: aws.claims(env),
  flattenings: aws.flattenings(env),
  resolver: dns.resolver(env),
  deployment: deploymentOf(env),
  clock,
};

export const handler = (): Promise<void> => refreshDue(ports, log);
