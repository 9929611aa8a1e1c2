import type { DomainName } from '#shared/core/model/names.ts';
import { templatePath } from '#shared/core/domain-connect/apply-url.ts';
import {
  readSettings,
  settingsUrl,
  type ProviderSettings,
} from '#shared/core/domain-connect/provider.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { DomainConnectPorts } from './ports.ts';

/** The DNS provider of a domain, ready to take our template. */
export interface Provider {
  /** As it names itself. */
  readonly name: string;
  /** The zone of the domain. */
  readonly zone: string;
  readonly urlSyncUX: string;
}

export interface NoProvider {
  readonly reason: 'no-provider' | 'provider-failed' | 'no-template';
  readonly detail: string;
  /** As far as it is known. */
  readonly name?: string;
}

/** Of several records each may be tried, but a zone shall not make us send many requests (§12.2). */
const MOST_RECORDS = 2;

type Ports = Pick<DomainConnectPorts, 'service' | 'request'>;

/**
 * Finds the DNS provider of a domain by its zone's `_domainconnect` record, and whether it knows our
 * template (draft-ietf-dconn-domainconnect-05 §7, §8.2). Zone and answers may be anybody's.
 */
export async function findProvider(
  domain: DomainName,
  ports: Ports,
  resolver: Pick<Resolver, 'lookup' | 'delegation'>,
): Promise<Provider | NoProvider> {
  const { zone } = await resolver.delegation(domain);
  if (zone === undefined) {
    return { reason: 'no-provider', detail: `DNS does not answer which zone ${domain} is in.` };
  }
  const { values } = await resolver.lookup(`_domainconnect.${zone}`, 'TXT');
  const urls = values.flatMap((text) => settingsUrl(text, zone) ?? []).slice(0, MOST_RECORDS);
  if (urls.length === 0) {
    const detail = `The DNS provider of ${zone} does not offer Domain Connect: there is no valid record _domainconnect.${zone}.`;
    return { reason: 'no-provider', detail };
  }
  let settings: ProviderSettings | string = '';
  for (const url of urls) {
    settings = await readFrom(url, ports);
    if (typeof settings !== 'string') return withTemplate(settings, zone, ports);
  }
  const detail = `The DNS provider of ${zone} cannot be asked for Domain Connect: ${settings}.`;
  return { reason: 'provider-failed', detail };
}

async function readFrom(url: URL, ports: Ports): Promise<ProviderSettings | string> {
  const answer = await get(url, ports);
  if ('error' in answer) return answer.error;
  if (answer.status !== 200) return `${url.hostname} answered ${answer.status}`;
  return answer.body === undefined ? 'its settings are too long' : readSettings(answer.body);
}

async function withTemplate(
  { name, urlApi, urlSyncUX }: ProviderSettings,
  zone: string,
  ports: Ports,
): Promise<Provider | NoProvider> {
  if (urlSyncUX === undefined) {
    const detail = `${name} does not offer Domain Connect’s synchronous flow for ${zone}.`;
    return { reason: 'no-template', detail, name };
  }
  const { providerId, serviceId } = ports.service;
  const answer = await get(new URL(`${urlApi}${templatePath(providerId, serviceId)}`), ports);
  if ('error' in answer) {
    const detail = `${name} does not say whether it knows this service: ${answer.error}.`;
    return { reason: 'provider-failed', detail, name };
  }
  if (answer.status === 404) {
    return { reason: 'no-template', detail: `${name} does not know this service yet.`, name };
  }
  if (answer.status < 200 || answer.status > 299) {
    const detail = `${name} does not say whether it knows this service: it answered ${answer.status}.`;
    return { reason: 'provider-failed', detail, name };
  }
  return { name, zone, urlSyncUX };
}

const get = (url: URL, { request }: Ports) =>
  request({
    method: 'GET',
    url,
    headers: { accept: 'application/json', 'user-agent': 'sender-domains-domain-connect/1' },
  });
