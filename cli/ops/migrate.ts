import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCsv } from '#shared/core/csv/read-csv.ts';
import {
  mailServices,
  readDomains,
  readSuppressions,
  type ExportedSuppression,
  type MailService,
} from '#shared/core/migration/read-export.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { CommandError, folderOf, UsageError } from '../command.ts';

const usage = `Usage: npm run ops -- migrate SERVICE --api URL --key PLATFORM_KEY --domains FILE
         (--tenant EXTERNAL_ID | --map FILE) [--bounces FILE] [--complaints FILE]
         [--unsubscribes FILE] [--suppressions FILE] [--dry-run]

Moves an account of ${mailServices.join(', ')} in: makes the tenants, puts the addresses that it does
not send to on their suppression lists, and then imports its domains. To be run again where it was
interrupted.

  --domains FILE       the domains, as the service's API answers or in CSV
  --tenant ID          the external id of the one tenant that all domains are for
  --map FILE           CSV with the columns domain and externalId, and contact and language if wanted
  --bounces FILE ...   addresses, as the API answers or in CSV; --suppressions where each has its reason
  --dry-run            nothing is stored, and the import says what each domain would meet`;

/** What a migration is made of. */
export interface Migration {
  readonly service: MailService;
  /** The texts of exports. */
  readonly domains: string;
  readonly suppressions: readonly { readonly text: string; readonly reason: Reason }[];
  /** The external id of one tenant, or CSV that has one for each domain. */
  readonly tenant?: string | undefined;
  readonly map?: string | undefined;
  readonly dryRun: boolean;
}

type Reason = ExportedSuppression['reason'];

/** Sends a request to the API as the platform, for a tenant where one is named. */
export type Ask = (request: {
  readonly path: string;
  readonly body: string;
  readonly type: string;
  readonly tenant?: string;
}) => Promise<Readonly<Record<string, unknown>>>;

export interface Migrated {
  readonly tenants: number;
  readonly domains: number;
  readonly suppressions: number;
  readonly importId: string;
}

/** A request's JSON has 64 KB at most; an address has 254 characters. */
const ADDRESSES_PER_REQUEST = 200;

/**
 * Moves an account in. Suppressions come before the domains, so that they are there before the first
 * mail.
 *
 * @throws CommandError where an export cannot be read, or a domain has no tenant
 */
export async function migrate(migration: Migration, ask: Ask): Promise<Migrated> {
  const { service, dryRun } = migration;
  const domains = inWords(() => readDomains(service, migration.domains));
  const suppressions = inWords(() =>
    migration.suppressions.flatMap(({ text, reason }) => readSuppressions(service, text, reason)),
  );
  const rows = rowsOf(domains, migration);
  const tenants = [...new Set(rows.map(([externalId]) => externalId))];
  if (!dryRun) {
    for (const externalId of tenants) {
      await ask({ path: '/v1/tenants', body: JSON.stringify({ externalId }), type: JSON_TYPE });
      for (const some of slicesOf(suppressions, ADDRESSES_PER_REQUEST)) {
        const body = JSON.stringify({ suppressions: some });
        await ask({ path: '/v1/suppressions', body, type: JSON_TYPE, tenant: externalId });
      }
    }
  }
  const header = ['externalId', 'domain', 'contact', 'language'];
  const body = [header, ...rows].map((fields) => fields.map(field).join(',')).join('\n');
  const { id } = await ask({ path: `/v1/imports?dryRun=${dryRun}`, body, type: 'text/csv' });
  return {
    tenants: tenants.length,
    domains: domains.length,
    suppressions: suppressions.length,
    importId: String(id),
  };
}

const JSON_TYPE = 'application/json';
const field = (text: string): string => `"${text.replaceAll('"', '""')}"`;

type Row = readonly [externalId: string, domain: string, contact: string, language: string];

/** @throws CommandError */
function rowsOf(domains: readonly string[], { tenant, map }: Migration): Row[] {
  if (tenant !== undefined) return domains.map((domain) => [tenant, domain, '', '']);
  const entries = inWords(() => readCsv(map ?? '')).map(({ fields }) => fields);
  const byDomain = new Map(entries.map((one) => [(one['domain'] ?? '').toLowerCase(), one]));
  return domains.map((domain) => {
    const { externalid: externalId = '', contact = '', language = '' } = byDomain.get(domain) ?? {};
    if (externalId !== '') return [externalId, domain, contact, language];
    throw new CommandError(`The map names no externalId for ${domain}; add it, or give --tenant.`);
  });
}

function inWords<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal || (error as Error).name === 'CsvError') {
      throw new CommandError((error as Error).message);
    }
    throw error;
  }
}

const options = {
  api: { type: 'string' },
  key: { type: 'string' },
  domains: { type: 'string' },
  tenant: { type: 'string' },
  map: { type: 'string' },
  bounces: { type: 'string' },
  complaints: { type: 'string' },
  unsubscribes: { type: 'string' },
  suppressions: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `npm run ops -- migrate`. */
export async function main(): Promise<void> {
  const { values, positionals } = parsed();
  if (values.help) return console.log(usage);
  const [, service] = positionals;
  const known = mailServices.find((one) => one === service);
  const { api, key, domains, tenant, map } = values;
  const isWhole = api !== undefined && key !== undefined && domains !== undefined;
  if (known === undefined || !isWhole || (tenant === undefined) === (map === undefined)) {
    throw new UsageError(usage);
  }
  const lists: [string | undefined, Reason][] = [
    [values.bounces, 'bounce'],
    [values.complaints, 'complaint'],
    [values.unsubscribes, 'manual'],
    [values.suppressions, 'manual'],
  ];
  const migrated = await migrate(
    {
      service: known,
      domains: textOf(domains),
      suppressions: lists.flatMap(([file, reason]) =>
        file === undefined ? [] : [{ text: textOf(file), reason }],
      ),
      tenant,
      map: map === undefined ? undefined : textOf(map),
      dryRun: values['dry-run'],
    },
    askApi(api, key),
  );
  console.log(`Domains:      ${migrated.domains}, for tenants: ${migrated.tenants}`);
  console.log(`Suppressions: ${migrated.suppressions}${values['dry-run'] ? ' (not stored)' : ''}`);
  console.log(`Import:       GET /v1/imports/${migrated.importId} says how far it is.`);
}

function parsed() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(folderOf(file), 'utf8');
  } catch (error) {
    throw new CommandError(`The file ${file} cannot be read: ${(error as Error).message}`);
  }
}

/** @throws CommandError with the words of the API */
const askApi =
  (api: string, platformKey: string): Ask =>
  async ({ path, body, type, tenant }) => {
    const response = await fetch(new URL(path, api), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${platformKey}`,
        'content-type': type,
        ...(tenant === undefined ? {} : { 'sender-domains-tenant': tenant }),
      },
      body,
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Record<string, unknown>;
    throw new CommandError(
      `The API answered ${response.status} to ${path}: ${text.slice(0, 1000)}`,
    );
  };
