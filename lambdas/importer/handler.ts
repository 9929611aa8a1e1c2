import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import type { ImportRequest } from '#shared/app/ports/import-requests.ts';
import { deploymentOf, logger, sqsHandler, system } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import type { ImporterPorts } from './ports.ts';
import { workImport } from './work-import.ts';

/** Imports, one at a time. */
async function work(
  ports: ImporterPorts,
  bodies: readonly string[],
  deadline: number,
): Promise<number[]> {
  const failures: number[] = [];
  for (const [index, body] of bodies.entries()) {
    try {
      await workImport(JSON.parse(body) as ImportRequest, ports, deadline);
    } catch (error) {
      logger.error('an import failed', error as Error);
      failures.push(index);
    }
  }
  return failures;
}

export const handler = sqsHandler(declaration, work, (env) => ({
  ...system,
  deployment: deploymentOf(env),
  imports: aws.imports(env),
  platforms: aws.platforms(env),
  contacts: aws.contacts(env),
  claims: aws.claims(env),
  checks: aws.checks(env),
  identities: aws.identities(env),
  budgets: aws.budgets(env),
  forge: aws.keyForge(env),
  resolver: dns.resolver(env),
  queue: aws.queue(env.IMPORTS_QUEUE_URL),
  offersDomainConnect: env.OFFERS_DOMAIN_CONNECT === 'yes',
  isOutage,
  log: (error, row) => logger.error('a row of an import failed', { error, row }),
}));
