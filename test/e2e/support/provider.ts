import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  applyTemplate,
  ApplyRefused,
  verifyRequest,
  type OnboardedTemplate,
  type ZoneRecord,
} from '../../support/dns-provider.ts';

const tls = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../fixtures/tls', file), 'utf8');

/** The provider's address in DNS: one of the public internet. */
const ADDRESS = '8.0.0.8';
const HOST = 'hooks.test';

/** A DNS provider with Domain Connect, for the zones of the local run's customers. */
export interface Provider {
  readonly internet: { ports: Record<string, number>; ca: string };
  /** Takes a template on, which makes it known. */
  onboard(template: OnboardedTemplate & { providerId: string; serviceId: string }): void;
  /** Hosts a zone with these records, and says so in it. */
  host(zone: string, records: readonly ZoneRecord[]): Promise<void>;
  /** Opens a link of the provider as its customer's browser does. */
  follow(url: string): Promise<{ status: number; location: string | undefined; said: string }>;
  /** Returns the records of a zone. */
  records(zone: string): readonly ZoneRecord[];
  close(): void;
}

/** @param folder and port of the local run's customers' DNS, once they are known */
export async function startProvider(
  local: () => { folder: string; dnsPort: number },
): Promise<Provider> {
  const zones = new Map<string, ZoneRecord[]>();
  const templates = new Map<string, OnboardedTemplate>();

  async function publish(zone: string, records: ZoneRecord[]): Promise<void> {
    zones.set(zone, records);
    const lines = records.map(({ name, type, value }) =>
      type === 'TXT' ? `${name}. IN TXT "${value}"` : `${name}. IN ${type} ${value}.`,
    );
    await writeFile(join(local().folder, `${zone}.zone`), `$TTL 60\n${lines.join('\n')}\n`);
  }

  async function txtOf(name: string): Promise<string[]> {
    const resolver = new dns.promises.Resolver();
    resolver.setServers([`127.0.0.1:${local().dnsPort}`]);
    return (await resolver.resolveTxt(name)).map((strings) => strings.join(''));
  }

  async function apply(template: OnboardedTemplate, query: string): Promise<string> {
    await verifyRequest(query, template, txtOf);
    const parameters = new URLSearchParams(query);
    const zone = parameters.get('domain') ?? '';
    const held = zones.get(zone);
    if (held === undefined) throw new ApplyRefused(`${zone} is not here`);
    await publish(zone, applyTemplate(template, parameters, held));
    const back = new URL(parameters.get('redirect_uri') ?? '');
    back.searchParams.set('state', parameters.get('state') ?? '');
    return back.href;
  }

  async function answer(path: string, query: string, response: ServerResponse): Promise<void> {
    const settings = /^\/dc\/v2\/([^/]+)\/settings$/.exec(path);
    if (settings !== null && zones.has(settings[1]!)) {
      const urls = { urlSyncUX: `https://${HOST}/sync`, urlAPI: `https://${HOST}/api` };
      response.end(JSON.stringify({ providerId: HOST, providerName: 'Provider', ...urls }));
      return;
    }
    const [, known = '', applied] =
      /^\/(?:api|sync)(\/v2\/domainTemplates\/.*?)(\/apply)?$/.exec(path) ?? [];
    const template = templates.get(known);
    if (template === undefined) response.writeHead(404).end();
    else if (applied === undefined) response.end();
    else response.writeHead(302, { location: await apply(template, query) }).end();
  }

  const server = createServer(
    { key: tls('hooks.test.key.pem'), cert: tls('hooks.test.pem') },
    ({ url = '' }, response) => {
      const [path = '', query = ''] = url.split('?');
      answer(path, query, response).catch((error: unknown) => {
        const refused = error instanceof ApplyRefused;
        response.writeHead(refused ? 400 : 500).end((error as Error).message);
      });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const ca = tls('hooks.test.pem');

  return {
    internet: { ports: { [ADDRESS]: port }, ca },
    onboard(template) {
      const { providerId, serviceId } = template;
      templates.set(`/v2/domainTemplates/providers/${providerId}/services/${serviceId}`, template);
    },
    async host(zone, records) {
      await writeFile(join(local().folder, `${HOST}.zone`), `${HOST}. 60 IN A ${ADDRESS}\n`);
      const discovery = { name: `_domainconnect.${zone}`, type: 'TXT', value: `${HOST}/dc` };
      await publish(zone, [discovery, ...records]);
    },
    async follow(url) {
      const { pathname, search } = new URL(url);
      const options = { host: '127.0.0.1', port, servername: HOST, ca, path: pathname + search };
      const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
        request(options, resolve).on('error', reject).end();
      });
      const { statusCode: status = 0, headers } = response;
      return { status, location: headers.location, said: await text(response) };
    },
    records: (zone) => zones.get(zone) ?? [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
