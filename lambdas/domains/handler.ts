import { apiHandler } from '#shared/api/handler.ts';
import type { RouteKey } from '#shared/api/routes/route.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { runCheck } from '#shared/app/checks/run-check.ts';
import { logKeyEvent } from '#shared/app/rotation/log-key-event.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import { deploymentOf, system } from '#shared/runtime/handler.ts';
import { answerBy } from './answer.ts';
import { domainConnect } from './domain-connect-ports.ts';
import declaration from './function.ts';

/**
 * Every route of the API, one a line. The bundler puts it in (infra/constructs/bundle.ts), so that the
 * schemas and texts of other functions' routes stay out.
 */
declare const ROUTE_KEYS: string;

const answer = answerBy(ROUTE_KEYS.split('\n') as RouteKey[]);

export const handler = apiHandler(declaration, answer, (env) => {
  const common = {
    ...system,
    deployment: deploymentOf(env),
    claims: aws.claims(env),
    checks: aws.checks(env),
    identities: aws.identities(env),
    publications: aws.publications(env),
    revokedKeys: aws.revokedKeys(env),
    backlog: aws.rotationBacklog(env),
    forge: aws.keyForge(env),
    resolver: dns.resolver(env),
    identityQueue: aws.queue(env.IDENTITY_QUEUE_URL),
    checkQueue: aws.queue(env.CHECK_QUEUE_URL),
    rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  };
  return {
    ...common,
    ...domainConnect(env, common.resolver),
    flattenings: aws.flattenings(env),
    history: aws.history(env),
    disclosures: aws.disclosures(env),
    discloses: env.KEY_DISCLOSURE === 'on',
    rollOut: JSON.parse(env.ROLL_OUT) as RollOutThresholds,
    reports: aws.reports(env),
    rotation: { ...common, isOutage, log: logKeyEvent },
    runCheck: async (claim) => (await runCheck(claim, common, system.clock.now())).claim,
  };
});
