import { randomBytes } from 'node:crypto';
import type { AnswerPorts } from '#shared/api/answered-once.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { routeKeys } from '#shared/api/routes/index.ts';
import { PENDING_DAYS } from '#shared/core/model/expiry.ts';
import { newMemory } from '#shared/core/model/check.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import type { CheckRequest } from '#shared/app/ports/queues.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import type { BatchEvent, RotationEvent } from '#shared/app/rotation/ports.ts';
import { answerBy } from '../../../../lambdas/domains/answer.ts';
import type { DomainPorts } from '../../../../lambdas/domains/ports.ts';
import { later } from '#shared/core/time.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { MemoryContactStore } from '../../../fakes/contact-store.ts';
import { MemoryHandOverStore } from '../../../fakes/hand-over-store.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { deployment, givenTenant } from '../../../fakes/given-claim.ts';
import { givenResult } from '../../../fakes/given-result.ts';
import { MemoryFlatteningStore } from '../../../fakes/flattening-store.ts';
import { MemoryHistory } from '../../../fakes/history.ts';
import { MemoryIdentityStore } from '../../../fakes/identity-store.ts';
import { MemoryPublicationStore } from '../../../fakes/publication-store.ts';
import { MemoryPlatformStore } from '../../../fakes/platform-store.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';
import { MemoryRotationBacklog } from '../../../fakes/rotation-backlog.ts';
import { MemoryReportStore } from '../../../fakes/report-store.ts';
import { MemoryReputationStore } from '../../../fakes/reputation-store.ts';
import { MemoryServiceNetworks } from '../../../fakes/service-networks.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import { givenEvent, type Asked } from '../../api/given-event.ts';
import { thresholds } from '../../core/dmarc/given-thresholds.ts';

const answer = answerBy(routeKeys);

/** Everything the domain routes touch, in memory, with a clock that the test moves. */
export function givenTestEnvironment() {
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  const clock = { now: () => new Date(now) };
  const contacts = new MemoryContactStore();
  const tenants = new MemoryTenantStore();
  const platforms = new MemoryPlatformStore(tenants);
  const handOvers = new MemoryHandOverStore();
  const claims = new MemoryClaimStore();
  const budgets = givenBudgets(clock);
  const checks = new MemoryCheckStore();
  const identities = new MemoryIdentityStore();
  const publications = new MemoryPublicationStore();
  const flattenings = new MemoryFlatteningStore();
  const revokedKeys = new MemoryRevokedKeys();
  const backlog = new MemoryRotationBacklog();
  const rotationQueue = new MemoryQueue<RotationRequest>();
  const checkQueue = new MemoryQueue<CheckRequest>();
  const keyEvents: (RotationEvent | BatchEvent)[] = [];
  const reports = new MemoryReportStore();
  const reputations = new MemoryReputationStore();
  const serviceNetworks = new MemoryServiceNetworks();
  const history = new MemoryHistory();
  const dns = new FakeDns();
  const reported: unknown[] = [];
  const forged: Record<string, string>[] = [];
  const testEnvironment = {
    claims,
    /** What was used of budgets. */
    budgetStore: budgets.store,
    checks,
    identities,
    contacts,
    tenants,
    platforms,
    handOvers,
    publications,
    flattenings,
    revokedKeys,
    backlog,
    rotationQueue,
    /** The events of keys. */
    keyEvents,
    reports,
    reputations,
    serviceNetworks,
    history,
    dns,
    /** Failures that the handler would log. */
    reported,
    /** The encryption context of each key pair made. */
    forged,
    /** The errors of the next key pairs, one each. */
    forgeFailures: [] as Error[],
    checkQueue,
    /** What a queued check does before it notes its result; replaced by tests. */
    check: async (_claim: Claim): Promise<void> => {},
    /** Milliseconds that a check takes. */
    checkTakes: 300,
    tenant: givenTenant(),
    pass(seconds: number) {
      now += seconds * 1000;
    },
    now: () => clock.now().toISOString(),
    /** Sends a request as a tenant with all scopes. */
    async ask(method: string, path: string, asked: Asked & { as?: TenantId } = {}) {
      const { as = testEnvironment.tenant, ...rest } = asked;
      const caller = { tenant: as, scopes: 'domains messages' };
      const event = givenEvent({ caller, ...rest, method, path });
      const result = await answer(event, ports, (error) => reported.push(error));
      const type = String(result.headers?.['content-type']);
      return {
        status: result.statusCode,
        headers: result.headers ?? {},
        text: result.body ?? '',
        body: (type.includes('json') ? JSON.parse(result.body ?? '') : {}) as DomainDocument &
          Record<string, unknown>,
      };
    },
    claim(name: unknown, asked: Asked & { as?: TenantId } = {}) {
      return testEnvironment.ask('POST', '/v1/domains', {
        ...asked,
        headers: { 'content-type': 'application/json', ...asked.headers },
        body: JSON.stringify({ name }),
      });
    },
  };
  const forge: KeyForge = {
    async generate(_, context) {
      const failure = testEnvironment.forgeFailures.shift();
      if (failure !== undefined) throw failure;
      forged.push({ ...context });
      return {
        publicKeySpki: Buffer.from(`public ${context.keyId}`),
        wrappedPrivateKey: Buffer.from(`wrapped ${context.keyId}`),
      };
    },
  };
  /** Makes the queued checks that have ended by now, each once. */
  async function makeChecks(): Promise<void> {
    const waiting = checkQueue.take();
    for (const sent of waiting) {
      const { since = '', ...key } = sent.request;
      const endsAt = Date.parse(since) + testEnvironment.checkTakes;
      const claim = await claims.get(key);
      if (endsAt > now || claim === undefined) {
        checkQueue.sent.push(sent);
        continue;
      }
      await testEnvironment.check(claim);
      const dueAt = later(since, 3_600_000);
      const result = { checkedAt: since, records: [] };
      if ((await claims.get(key)) !== undefined) {
        await givenResult(checks, { ...key, dueAt, memory: newMemory, result });
      }
    }
  }
  const random = { bytes: (size: number) => randomBytes(size) };
  const retryTime = {
    clock,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
      await makeChecks();
    },
    random: () => 0.5,
  };
  const ports: DomainPorts & AnswerPorts = {
    answers: new MemoryAnswerStore(),
    deployment,
    pending: PENDING_DAYS,
    claims,
    budgets: budgets.budgets,
    tenants,
    platforms,
    contacts,
    handOvers,
    offersDelegation: true,
    mailsContacts: true,
    checks,
    identities,
    publications,
    flattenings,
    disclosures: claims.disclosures,
    discloses: true,
    reports,
    reputations,
    serviceNetworks,
    rollOut: thresholds,
    history,
    backlog,
    rotation: {
      claims,
      publications,
      revokedKeys,
      backlog,
      resolver: dns,
      forge,
      rotationQueue,
      retryTime,
      random,
      isOutage: (error) => error instanceof Throttled,
      log: (event) => keyEvents.push(event),
    },
    resolver: dns,
    forge,
    checkQueue,
    clock,
    random,
    retryTime,
  };
  return Object.assign(testEnvironment, { ports });
}
