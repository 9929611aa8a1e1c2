import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, expect, test } from 'vitest';
import { tables, type TableName } from '#shared/runtime/tables.ts';
import { adopt } from '../../cli/ops/adopt.ts';
import { check, restore } from '../../cli/restore.ts';
import { createTenant, suspendTenant } from '../../cli/tenant.ts';
import { Api, type DomainDocument, until } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, sharedOptions, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

const HOUR = 60 * 60 * 1000;
const stateDir = mkdtempSync(join(tmpdir(), 'drill-'));
let service: Service;
afterAll(async () => {
  await service?.stop();
  rmSync(stateDir, { recursive: true });
});

const began = performance.now();
const steps: string[] = [];
const step = (what: string): void =>
  void steps.push(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${what}`);

/** Sends a mail of a domain. @returns what receivers got */
async function delivered(domain: string): Promise<Buffer> {
  const raw = `From: Ann <ann@${domain}>\r\nTo: success@simulator.amazonses.com\r\nSubject: Drill\r\n\r\nHello.\r\n`;
  const before = new Set((await service.outbox()).map(({ id }) => id));
  const { status, body } = await service.api.send(raw);
  expect(status).toBe(202);
  await until(
    `the mail of ${domain}`,
    () => service.api.message(body.id),
    (answer) => answer.body.status === 'delivered',
    120,
  );
  const [mail] = (await service.outbox()).filter(({ id }) => !before.has(id));
  return mail!.delivered;
}

const selectorOf = (mail: Buffer, domain: string): string => {
  const [, selector] =
    /DKIM-Signature:(?:[^\r]|\r\n[ \t])*?\bs=(\w+)/.exec(
      mail
        .toString('latin1')
        .split(/\r\n(?![ \t])/)
        .find((field) => /^DKIM-Signature:/i.test(field) && field.includes(`d=${domain}`)) ?? '',
    ) ?? [];
  return selector ?? 'none';
};

/** Deletes every record of the shards, as somebody with too many rights might. */
async function emptyZones(): Promise<number> {
  const { endpoint, region, accessKeyId, secretAccessKey } = service.local.endpoints.aws;
  const client = new Route53Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  let count = 0;
  const { HostedZones: zones = [] } = await client.send(new ListHostedZonesCommand({}));
  for (const { Id: id, Name: name = '' } of zones.filter((zone) => /^s\d+\./.test(zone.Name!))) {
    const list = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: id }));
    const records = (list.ResourceRecordSets ?? []).filter(
      (record) => record.Type === 'TXT' && record.Name !== name,
    );
    if (records.length === 0) continue;
    await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: id,
        ChangeBatch: {
          Changes: records.map((record) => ({ Action: 'DELETE', ResourceRecordSet: record })),
        },
      }),
    );
    count += records.length;
  }
  client.destroy();
  return count;
}

/** Deletes what stacks do not retain, as far as the stand-ins keep it: queues, schedules and mappings. */
function deleteStacks(): void {
  const gone = readdirSync(stateDir).filter((file) =>
    /^(sqs\.sqlite.*|scheduler\.json|stream-checkpoints\.json)$/.test(file),
  );
  expect(gone.length).toBeGreaterThanOrEqual(3);
  for (const file of gone) rmSync(join(stateDir, file));
}

test('a restore of an hour ago, with a compromise after it, empty zones and deleted stacks, ends with mail that verifies and a revoked key that does not sign', async () => {
  service = await startService({ stateDir });
  const [stolen] = await Promise.all([
    onboard(service, service.api, 'stolen.example'),
    onboard(service, service.api, 'other.example'),
  ]);
  const selector = stolen.dkim.current;
  expect(selectorOf(await delivered('stolen.example'), 'stolen.example')).toBe(selector);
  const { key } = await createTenant('careless', { state: stateDir });
  step('two domains send');

  await service.local.takeCopy();
  const at = new Date();
  await service.local.passTime(HOUR);

  // Everything that a restore would undo.
  const compromised = await service.api.request<DomainDocument>(
    'POST',
    '/v1/domains/stolen.example/rotations',
    { json: { reason: 'compromise' } },
  );
  expect(compromised.status).toBe(200);
  const name = `${selector}._domainkey.stolen.example`;
  const hosted = () => service.resolver.resolveTxt(name).catch(() => [] as string[][]);
  await until(
    'the empty p= of the stolen key',
    hosted,
    (texts) => texts.some((text) => text.join('').endsWith('p=')),
    60,
  );
  await createTenant('later', { state: stateDir });
  await service.revoke(key);
  await suspendTenant('later', 'for the drill', { state: stateDir });
  expect((await service.api.claim('late.example')).status).toBe(201);
  const records = await emptyZones();
  step(
    `a key is compromised, an API key is revoked, a domain is claimed, and ${records} records are deleted`,
  );

  const foreseen = await check(at, { state: stateDir });
  expect(foreseen.map(({ what, count }) => [what, count])).toEqual([
    ['revoked-keys', 1],
    ['revoked-api-keys', 1],
    ['tenants-stopped', 1],
    ['tenants-lost', 1],
    ['domains-lost', 1],
  ]);
  step('npm run restore -- --check names the keys, the tenant and the domain');

  const all = Object.keys(tables) as TableName[];
  const lines: string[] = [];
  const others = await restore(at, all, { state: stateDir }, (line) => void lines.push(line));
  expect(Object.keys(others)).toEqual(all);
  expect(lines).toContainEqual(
    expect.stringMatching(/^1 revocations were added to sender-domains-revoked-keys-\d{8}T/),
  );
  expect(lines.at(-1)).toMatch(/^the API key \S+ of careless stays revoked$/);
  step(
    `npm run restore made ${all.length} tables, added the revocation, and revoked the API key again`,
  );

  const { problems, missing, imports, recordSets } = await adopt({ state: stateDir });
  expect({ problems, missing }).toEqual({ problems: [], missing: [] });
  const left = imports.flatMap(({ resources }) => resources);
  expect(left).toContainEqual(
    expect.objectContaining({ ResourceIdentifier: { AliasName: 'alias/sender-domains-wrapping' } }),
  );
  await service.stop();
  deleteStacks();
  step(
    `the stacks are deleted; npm run ops -- adopt finds ${left.length} resources and ${recordSets.length} records`,
  );

  const { config } = sharedOptions();
  service = await startService({ stateDir, config: { ...config, tables: others } });
  step('deployed with the tables of an hour ago');

  expect((await service.api.domain('late.example')).status).toBe(404);
  const revoked = new Api(service.local.endpoints.api, key);
  expect((await revoked.domain('other.example')).status).toBe(403);
  expect(await service.local.invoke('reconciler', {})).toMatchObject({ answered: true });
  const verify = mailauth(service.dnsPort);
  expect(await verify([await delivered('other.example')], 'other.example')).toEqual(['pass']);
  step('the reconciler published the zones again; a mail verifies');

  const mail = await delivered('stolen.example');
  expect(selectorOf(mail, 'stolen.example')).not.toBe(selector);
  expect(await verify([mail], 'stolen.example')).toEqual(['pass']);
  expect((await hosted()).map((text) => text.join(''))).toEqual([expect.stringMatching(/p=$/)]);
  step('the stolen key signs nothing, another key of its domain does, and its record is empty');

  console.log(steps.join('\n'));
});
