import { randomBytes } from 'node:crypto';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { routeKeys } from '#shared/api/routes/index.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import type { BatchEvent, RotationEvent } from '#shared/app/rotation/ports.ts';
import { answerBy } from '../../../../lambdas/domains/answer.ts';
import type { DomainPorts } from '../../../../lambdas/domains/ports.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryFlatteningStore } from '../../../fakes/flattening-store.ts';
import { MemoryHistory } from '../../../fakes/history.ts';
import { MemoryIdentityStore } from '../../../fakes/identity-store.ts';
import { MemoryPublicationStore } from '../../../fakes/publication-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRevokedKeys } from '../../../fakes/revoked-keys.ts';
import { MemoryRotationBacklog } from '../../../fakes/rotation-backlog.ts';
import { MemoryReportStore } from '../../../fakes/report-store.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import { givenEvent, type Asked } from '../../api/given-event.ts';
import { thresholds } from '../../core/dmarc/given-thresholds.ts';

const answer = answerBy(routeKeys);

/** Everything the domain routes touch, in memory, with a clock that the test moves. */
export function givenTestEnvironment() {
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  const clock = { now: () => new Date(now) };
  const claims = new MemoryClaimStore();
  const checks = new MemoryCheckStore();
  const identities = new MemoryIdentityStore();
  const publications = new MemoryPublicationStore();
  const flattenings = new MemoryFlatteningStore();
  const revokedKeys = new MemoryRevokedKeys();
  const backlog = new MemoryRotationBacklog();
  const rotationQueue = new MemoryQueue<RotationRequest>();
  const keyEvents: (RotationEvent | BatchEvent)[] = [];
  const reports = new MemoryReportStore();
  const history = new MemoryHistory();
  const dns = new FakeDns();
  const reported: unknown[] = [];
  const forged: Record<string, string>[] = [];
  const testEnvironment = {
    claims,
    checks,
    identities,
    publications,
    flattenings,
    revokedKeys,
    backlog,
    rotationQueue,
    /** The events of keys. */
    keyEvents,
    reports,
    history,
    dns,
    /** Failures that the handler would log. */
    reported,
    /** The encryption context of each key pair made. */
    forged,
    /** The errors of the next key pairs, one each. */
    forgeFailures: [] as Error[],
    /** The effect of a check; replaced by tests. */
    check: async (claim: Claim): Promise<Claim> => claim,
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
  const random = { bytes: (size: number) => randomBytes(size) };
  const retryTime = {
    clock,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
    random: () => 0.5,
  };
  const ports: DomainPorts = {
    deployment,
    claims,
    checks,
    identities,
    publications,
    flattenings,
    disclosures: claims.disclosures,
    discloses: true,
    reports,
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
    runCheck: (claim) => testEnvironment.check(claim),
    clock,
    random,
    retryTime,
  };
  return Object.assign(testEnvironment, { ports });
}
