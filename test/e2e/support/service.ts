import dns from 'node:dns';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal, type LocalOptions, type LocalRun } from '../../../local/run.ts';
import { createTenant, revokeKey } from '../../../local/cli/tenant.ts';
import { Api } from './api.ts';

export interface OutboxMail {
  id: string;
  /** The exact bytes SES was given. */
  raw: Buffer;
  /** What SES makes of them. */
  delivered: Buffer;
}

export interface Service {
  local: LocalRun;
  api: Api;
  stateDir: string;
  customerDns: string;
  dnsPort: number;
  resolver: dns.promises.Resolver;
  /** Every mail SES accepted so far, oldest first. */
  outbox(): Promise<OutboxMail[]>;
  /** The API as a new tenant sees it. */
  newTenant(name: string): Promise<Api>;
  revoke(key: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the service as `npm start` does, with its state in a folder of its own. */
export async function startService(options: Partial<LocalOptions> = {}): Promise<Service> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'sender-domains-e2e-')));
  const local = await startLocal({ quiet: true, ...options, stateDir });
  const resolver = new dns.promises.Resolver();
  resolver.setServers([`127.0.0.1:${local.endpoints.dns.port}`]);
  return {
    local,
    api: new Api(local.endpoints.api, local.endpoints.apiKey),
    stateDir,
    customerDns: join(stateDir, 'customer-dns'),
    dnsPort: local.endpoints.dns.port,
    resolver,
    outbox: () => readOutbox(local.endpoints.outbox),
    newTenant: async (name) => {
      const { key } = await createTenant(name, { endpointsFile: join(stateDir, 'endpoints.json') });
      return new Api(local.endpoints.api, key);
    },
    revoke: (key) => revokeKey(key, { endpointsFile: join(stateDir, 'endpoints.json') }),
    stop: async () => {
      await local.stop();
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}

export async function readOutbox(folder: string): Promise<OutboxMail[]> {
  const ids = (await readdir(folder))
    .filter((file) => file.endsWith('.eml') && !file.endsWith('.delivered.eml'))
    .map((file) => file.slice(0, -'.eml'.length))
    .sort();
  return Promise.all(
    ids.map(async (id) => ({
      id,
      raw: await readFile(join(folder, `${id}.eml`)),
      delivered: await readFile(join(folder, `${id}.delivered.eml`)),
    })),
  );
}
