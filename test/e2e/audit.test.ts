import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntryDocument } from '#shared/api/routes/audit.ts';
import { routes, type Operation, type Routes } from '#shared/api/routes/index.ts';
import { routeKeyOf } from '#shared/api/routes/route.ts';
import { dynamoAuditLog } from '#shared/adapters/aws/audit-log.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { readEntry, type AuditEntry, type AuditOwner } from '#shared/core/audit/entry.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import { verifyCopy, verifyStored } from '../../cli/ops/audit.ts';
import { createPlatform } from '../../cli/platform.ts';
import { Api, until } from './support/api.ts';
import { sharedService, type Service } from './support/service.ts';

/** The operations that change something which the log has, by what their routes declare. */
type Changing = {
  [O in Operation]: Routes[O]['method'] extends 'GET'
    ? never
    : Routes[O] extends { readonly audited: false }
      ? never
      : O;
}[Operation];

/**
 * Those of users who signed in, and of mails to people, which the shared service does not send:
 * test/contract/audit-log.test.ts has what their stores leave.
 */
type Elsewhere =
  | 'acceptInvitation'
  | 'changeNotices'
  | 'changeUser'
  | 'declineInvitation'
  | 'stopReminders';

interface Step {
  /** Asks for it as it is done, in the order of the steps. */
  readonly ask: () => ReturnType<Api['request']>;
  /** The entry: what it is about, what was done, and some of the fields that changed. */
  readonly leaves: readonly [subject: string, verb: string, ...fields: string[]];
  /** Whose log has it. @default the tenant's */
  readonly in?: 'platform' | 'its tenant';
}

const name = 'audit-walk.example';
let service: Service;
let api: Api;
let platform: Api;
let tenant: string;

beforeAll(async () => {
  service = await sharedService();
  ({ api } = service);
  tenant = await service.ownTenant();
  const where = { state: service.stateDir };
  const { key } = await createPlatform(`audit ${process.pid}`, where);
  platform = new Api(api.base, key);
});
afterAll(() => service?.stop());

const made = new Map<string, string>();
/** Remembers a field of an answer, for the steps that follow. */
async function remembering(as: string, field: string, asked: ReturnType<Api['request']>) {
  const answer = await asked;
  made.set(as, String((answer.body as Record<string, unknown>)[field]));
  return answer;
}
const domain = `/v1/domains/${name}`;
const of = (path: string, as: string) => `${path}/${made.get(as)}`;
const post = (path: string, json: unknown = {}) => api.request('POST', path, { json });
const patch = (path: string, json: unknown) => api.request('PATCH', path, { json });
const remove = (path: string) => api.request('DELETE', path);
const acting = (method: string, path: string, json?: unknown) =>
  platform.request(method, path, json === undefined ? {} : { json });

/** One that a route is missing in does not compile. */
const steps: Readonly<Record<Exclude<Changing, Elsewhere>, Step>> = {
  claimDomain: {
    ask: () => post('/v1/domains', { name }),
    leaves: ['domain', 'create', 'keys.zero', 'status'],
  },
  changeDomain: {
    ask: () =>
      patch(domain, {
        spf: { add: ['ip4:192.0.2.1'] },
        dmarc: { rua: ['mailto:dmarc@audit-walk.example'] },
      }),
    leaves: ['domain', 'change', 'dmarc', 'spf.mechanisms'],
  },
  decideSource: {
    ask: () => patch(`${domain}/sources/mailer.example`, { decision: 'ignored' }),
    leaves: ['domain', 'change', 'dmarc.ignored'],
  },
  rotateDomain: {
    ask: () => post(`${domain}/rotations`, { reason: 'compromise' }),
    leaves: ['domain', 'change', 'keys.zero'],
  },
  createShareLink: {
    ask: () => remembering('link', 'id', post(`${domain}/share-links`)),
    leaves: ['domain', 'change', 'shareLinks'],
  },
  renewShareLink: {
    ask: () => post(`${of(`${domain}/share-links`, 'link')}/renewals`),
    leaves: ['domain', 'change', 'shareLinks'],
  },
  revokeShareLink: {
    ask: () => remove(of(`${domain}/share-links`, 'link')),
    leaves: ['domain', 'change', 'shareLinks'],
  },
  createContact: {
    ask: () =>
      remembering(
        'contact',
        'id',
        post('/v1/contacts', { email: 'dns@web.example', domains: [name] }),
      ),
    leaves: ['contact', 'create', 'person'],
  },
  handOver: {
    ask: () => post(`${of('/v1/contacts', 'contact')}/links`, { mail: false }),
    leaves: ['hand-over', 'create', 'links'],
  },
  revokeHandOver: {
    ask: () => remove(`${of('/v1/contacts', 'contact')}/links`),
    leaves: ['hand-over', 'change', 'links'],
  },
  deleteDomain: { ask: () => remove(domain), leaves: ['domain', 'change', 'lifecycle'] },
  createWebhook: {
    ask: () =>
      remembering(
        'webhook',
        'id',
        post('/v1/webhooks', { url: 'https://hooks.example/a', events: ['domain.claimed'] }),
      ),
    leaves: ['webhook', 'create', 'events', 'url'],
  },
  changeWebhook: {
    ask: () => patch(of('/v1/webhooks', 'webhook'), { events: ['domain.verified'] }),
    leaves: ['webhook', 'change', 'events'],
  },
  rotateWebhookSecret: {
    ask: () => post(`${of('/v1/webhooks', 'webhook')}/secrets`),
    leaves: ['webhook', 'change', 'secret'],
  },
  deleteWebhook: {
    ask: () => remove(of('/v1/webhooks', 'webhook')),
    leaves: ['webhook', 'delete', 'url'],
  },
  addSuppressions: {
    ask: () => post('/v1/suppressions', { suppressions: [{ address: 'no@reader.example' }] }),
    leaves: ['suppression', 'create', 'addresses'],
  },
  removeSuppression: {
    ask: () => remove('/v1/suppressions/no%40reader.example'),
    leaves: ['suppression', 'delete', 'reason'],
  },
  inviteUser: {
    ask: () => remembering('user', 'id', post('/v1/users', { email: 'bo@audit.example' })),
    leaves: ['user', 'create', 'invitedAt'],
  },
  removeUser: { ask: () => remove(of('/v1/users', 'user')), leaves: ['user', 'delete'] },
  issueApiKey: {
    ask: () => remembering('key', 'id', post('/v1/api-keys', { name: 'a', scopes: ['domains'] })),
    leaves: ['api-key', 'create', 'scopes'],
  },
  revokeApiKey: {
    ask: () => remove(of('/v1/api-keys', 'key')),
    leaves: ['api-key', 'change', 'revokedAt'],
  },
  createTenant: {
    ask: () => remembering('tenant', 'id', acting('POST', '/v1/tenants', { externalId: 'a-1' })),
    leaves: ['tenant', 'create', 'externalId'],
    in: 'its tenant',
  },
  changeTenant: {
    ask: () => acting('PATCH', '/v1/tenants/a-1', { contacts: [{ email: 'it@a.example' }] }),
    leaves: ['tenant', 'change', 'contacts'],
    in: 'its tenant',
  },
  suspendTenant: {
    ask: () => acting('POST', '/v1/tenants/a-1/suspend', { reason: 'unpaid' }),
    leaves: ['tenant', 'change', 'status', 'statusReason'],
    in: 'its tenant',
  },
  resumeTenant: {
    ask: () => acting('POST', '/v1/tenants/a-1/resume', {}),
    leaves: ['tenant', 'change', 'status'],
    in: 'its tenant',
  },
  changePlatform: {
    ask: () => acting('PATCH', '/v1/platform', { origins: ['https://app.example'] }),
    leaves: ['platform', 'change', 'origins'],
    in: 'platform',
  },
  createToken: {
    ask: () => acting('POST', '/v1/tenants/a-1/tokens', {}),
    leaves: ['page-token', 'create', 'scopes'],
    in: 'its tenant',
  },
  closeTenant: {
    ask: () => acting('POST', '/v1/tenants/a-1/close', { reason: 'ended' }),
    leaves: ['tenant', 'change', 'status'],
    in: 'its tenant',
  },
  startImport: {
    ask: () =>
      remembering(
        'import',
        'id',
        platform.request('POST', '/v1/imports?dryRun=true', {
          body: [
            'externalId,domain',
            ...Array.from({ length: 400 }, (_, row) => `x-${row},x${row}.example`),
          ].join('\n'),
          headers: { 'content-type': 'text/csv' },
        }),
      ),
    leaves: ['import', 'create', 'status'],
    in: 'platform',
  },
  cancelImport: {
    ask: () => acting('DELETE', of('/v1/imports', 'import')),
    leaves: ['import', 'change', 'status'],
    in: 'platform',
  },
};

/** All pages of a log, newest first. */
async function logBy(reader: Api): Promise<AuditEntryDocument[]> {
  const entries: AuditEntryDocument[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { status, body, text } = await reader.request<{
      entries: AuditEntryDocument[];
      cursor: string | null;
    }>('GET', `/v1/audit?limit=20${query}`);
    expect(status, text).toBe(200);
    entries.push(...body.entries);
    ({ cursor } = body);
  }
  return entries;
}

/** The whole log as it is stored: a tenant that is closed answers nothing. */
async function storedLog(owner: string): Promise<AuditEntry[]> {
  const { endpoint, region, accessKeyId, secretAccessKey, tables } = service.local.endpoints.aws;
  const credentials = { accessKeyId, secretAccessKey };
  const client = documentClient({ endpoint, region, credentials });
  const { audit, auditSeals } = tables;
  const log = dynamoAuditLog(client, { audit: String(audit), auditSeals: String(auditSeals) });
  const entries: AuditEntry[] = [];
  const range = { from: '', to: '9' };
  for await (const one of log.entries(owner as AuditOwner, range)) entries.push(readEntry(one));
  client.destroy();
  return entries;
}

test('every route that changes something leaves its entry, field by field', async () => {
  for (const [operation, { ask }] of Object.entries(steps)) {
    const answer = await ask();
    expect(answer.status, `${operation}: ${answer.text}`).toBeLessThan(300);
  }
  const ofTenant = await storedLog(tenant);
  const ofMade = await storedLog(made.get('tenant') ?? '');
  const ofPlatform = await storedLog(ofMade[0]?.actor.id ?? '');
  const logs = { tenant: ofTenant, 'its tenant': ofMade, platform: ofPlatform };
  for (const [operation, { leaves, in: whose = 'tenant' }] of Object.entries(steps)) {
    const key = routeKeyOf(routes[operation as Operation]);
    const own = logs[whose].filter((entry) => entry.operation === key);
    const [subject, verb, ...fields] = leaves;
    const entry = own.find((one) => one.subject === subject && one.verb === verb);
    expect(entry, `${operation} left ${JSON.stringify(own)}`).toMatchObject({
      actor: { kind: whose === 'tenant' ? 'key' : 'platform' },
      address: '127.0.0.1',
      requestId: expect.stringMatching(/./) as string,
    });
    expect(entry!.changes.map(({ field }) => field)).toEqual(expect.arrayContaining(fields));
  }
});

test('the log names the operator, is filtered, and says nothing that is secret', async () => {
  const entries = await logBy(api);
  const operator = entries.filter(({ actor }) => actor.kind === 'operator');
  expect(operator.map(({ subject, verb }) => `${subject} ${verb}`)).toContain('tenant create');
  const { body } = await api.request<{ entries: AuditEntryDocument[] }>(
    'GET',
    `/v1/audit?subject=domain&subjectId=${name}&verb=create&actor=key`,
  );
  expect(body.entries).toMatchObject([{ subject: 'domain', verb: 'create', subjectId: name }]);
  const text = JSON.stringify(entries);
  expect(text).not.toContain(api.key);
  expect(text).not.toMatch(/whsec_|wrappedPrivateKey/);
});

test(
  'the chain is sealed, and the verifier finds it whole; in a copy too',
  async () => {
    const sealed = await until(
      'every entry sealed',
      () => logBy(api),
      (entries) => entries.every(({ seal }) => seal !== null),
    );
    const where = { state: service.stateDir };
    await service.local.invoke('audit-anchor', { scheduledTime: new Date().toISOString() });
    const verified = await verifyStored(tenant as AuditOwner, where);
    expect(verified).toEqual({ from: 1, to: sealed.length, intact: sealed.length, findings: [] });
    const copy = await fetch(`${api.base}/v1/audit?format=jsonl&limit=1000`, {
      headers: { authorization: `Bearer ${api.key}` },
    }).then((answer) => answer.text());
    const file = join(service.stateDir, 'audit-copy.jsonl');
    await writeFile(file, copy);
    expect(verifyCopy(file)).toEqual(verified);
    await writeFile(file, copy.replace('"verb":"create"', '"verb":"change"'));
    expect(verifyCopy(file).findings).toHaveLength(1);
  },
  2 * MINUTE_MS,
);
