import { randomBytes } from 'node:crypto';
import type { ImportDocument, RowDocument } from '#shared/api/routes/imports.ts';
import type { ImportRequest } from '#shared/app/ports/import-requests.ts';
import type { Limits } from '#shared/core/model/budgets.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { platformIdOf, type DomainName, type PlatformId } from '#shared/core/model/names.ts';
import type { ImporterPorts } from '../../../../lambdas/importer/ports.ts';
import { workImport } from '../../../../lambdas/importer/work-import.ts';
import { answer } from '../../../../lambdas/imports/answer.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { MemoryContactStore } from '../../../fakes/contact-store.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { MemoryIdentityStore } from '../../../fakes/identity-store.ts';
import { MemoryImportStore } from '../../../fakes/import-store.ts';
import { MemoryPlatformStore } from '../../../fakes/platform-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { FakeTime } from '../../../fakes/time.ts';
import { givenEvent } from '../../api/given-event.ts';

/** Imports of two platforms, from the request to the last row, in memory. */
export function givenImports(limits: Partial<Limits> = {}) {
  const time = new FakeTime();
  const tenants = new MemoryTenantStore();
  const identities = new MemoryIdentityStore();
  const claims = new MemoryClaimStore();
  const { budgets } = givenBudgets(time.clock, limits);
  const queue = new MemoryQueue<ImportRequest>();
  const dns = new FakeDns();
  const logged: unknown[] = [];
  const environment = {
    time,
    tenants,
    claims,
    identities,
    queue,
    dns,
    logged,
    imports: new MemoryImportStore(),
    answers: new MemoryAnswerStore(),
    contacts: new MemoryContactStore(),
    platforms: new MemoryPlatformStore(tenants),
    shop: platformIdOf(randomBytes(16)),
    press: platformIdOf(randomBytes(16)),
    /** Called before each key ring is made; it may throw. */
    beforeKeys: (): void => {},
    ports: undefined as unknown as ImporterPorts,
    start,
    ask,
    work,
    workAll,
    rows,
  };
  environment.ports = {
    ...environment,
    budgets,
    deployment,
    checks: new MemoryCheckStore(),
    forge: {
      async generate(_, context) {
        environment.beforeKeys();
        return {
          publicKeySpki: Buffer.from(`public ${context.keyId}`),
          wrappedPrivateKey: Buffer.from(`wrapped ${context.keyId}`),
        };
      },
    },
    resolver: dns,
    clock: time.clock,
    retryTime: time,
    random: { bytes: (size) => randomBytes(size) },
    offersDomainConnect: true,
    isOutage: (error) => error instanceof Throttled,
    log: (error) => logged.push(error),
  };

  async function ask(
    method: string,
    path: string,
    options: { as?: PlatformId; body?: string; type?: string; key?: string } = {},
  ): Promise<{ status: number; body: ImportDocument & Record<string, unknown> }> {
    const { as: platform = environment.shop, body, type = 'text/csv', key } = options;
    const [rawPath = '', query] = path.split('?');
    const event = givenEvent({
      method,
      path: rawPath,
      caller: { platform, scopes: '' },
      headers: { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
      ...(body === undefined ? {} : { body }),
    });
    const { imports, answers } = environment;
    const ports = { ...environment.ports, imports, answers, budgets };
    const zone = deployment.zone;
    const result = await answer(event, { ...ports, zone, claims, identities }, (error) => {
      throw error;
    });
    return {
      status: result.statusCode as number,
      body: JSON.parse(result.body as string) as ImportDocument & Record<string, unknown>,
    };
  }

  /** Sends a list in CSV. */
  function start(
    lines: readonly string[],
    options: { as?: PlatformId; dryRun?: boolean; key?: string } = {},
  ) {
    const { dryRun = false, ...rest } = options;
    const body = ['externalId,domain,contact,language', ...lines].join('\n');
    return ask('POST', `/v1/imports?dryRun=${dryRun}`, { body, ...rest });
  }

  /** SES gives each claim its value at once. */
  async function giveValues(): Promise<void> {
    for (const { claims: some } of [await claims.scan({ limit: 100_000 })]) {
      for (const { label } of some) {
        const view = { label, status: 'preparing', token: 'token', polledAt: '' } as const;
        await identities.putView(view);
      }
    }
  }

  /** Handles one message, for a minute. */
  async function work(request: ImportRequest, seconds = 60): Promise<void> {
    const deadline = time.clock.now().getTime() + seconds * 1_000;
    const sleep = async (milliseconds: number): Promise<void> => {
      await giveValues();
      await time.sleep(milliseconds);
    };
    const retryTime = { clock: time.clock, sleep, random: time.random };
    await workImport(request, { ...environment.ports, retryTime }, deadline);
  }

  /** Handles messages until there are none. */
  async function workAll(): Promise<void> {
    for (let sent = queue.take(); sent.length > 0; sent = queue.take()) {
      for (const { request } of sent) await work(request);
    }
  }

  async function rows(id: string, as?: PlatformId): Promise<RowDocument[]> {
    const all: RowDocument[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = cursor === '' ? '' : `?cursor=${cursor}`;
      const { body } = await ask(
        'GET',
        `/v1/imports/${id}/rows${query}`,
        as === undefined ? {} : { as },
      );
      const page = body as unknown as { rows: RowDocument[]; cursor: string | null };
      all.push(...page.rows);
      ({ cursor } = page);
    }
    return all;
  }

  return environment;
}

export type Imports = ReturnType<typeof givenImports>;

export const domainOf = (name: string): DomainName => name as DomainName;
