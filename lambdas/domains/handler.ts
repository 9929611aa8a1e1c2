import { apiHandler } from '#shared/api/handler.ts';
import type { RouteKey } from '#shared/api/routes/route.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { logKeyEvent } from '#shared/app/rotation/log-key-event.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import { deploymentOf, pendingDaysOf, system } from '#shared/runtime/handler.ts';
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
    pending: pendingDaysOf(env),
    claims: aws.claims(env),
    checks: aws.checks(env),
    identities: aws.identities(env),
    publications: aws.publications(env),
    revokedKeys: aws.revokedKeys(env),
    backlog: aws.rotationBacklog(env),
    forge: aws.keyForge(env),
    resolver: dns.resolver(env),
    checkQueue: aws.queue(env.CHECK_QUEUE_URL),
    rotationQueue: aws.queue(env.ROTATION_QUEUE_URL),
  };
  return {
    ...common,
    ...domainConnect(env, common.resolver),
    budgets: aws.budgets(env),
    answers: aws.sealedAnswers(env),
    contacts: aws.contacts(env),
    tenants: aws.apiKeys(env),
    platforms: aws.platformTenants(env),
    handOvers: aws.handOvers(env),
    offersDelegation: env.DELEGATED_ZONES !== '0',
    mailsContacts: env.HAND_OVER !== 'null',
    flattenings: aws.flattenings(env),
    history: aws.history(env),
    disclosures: aws.disclosures(env),
    discloses: env.KEY_DISCLOSURE === 'on',
    rollOut: JSON.parse(env.ROLL_OUT) as RollOutThresholds,
    reports: aws.reports(env),
    reputations: aws.reputations(env),
    serviceNetworks: aws.serviceNetworks(env),
    rotation: { ...common, isOutage, log: logKeyEvent },
  };
});
