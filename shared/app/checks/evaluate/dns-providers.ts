import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
/** A DNS provider, and what its form wants that others' do not. */
interface DnsProvider {
  readonly name: string;
  /** The pattern of its name servers' host names. */
  readonly nameServer: RegExp;
  /** The form's word for the record's name. */
  readonly field: string;
  /** The form's name for the domain itself. */
  readonly apex: '@' | 'nothing';
  /** True if the target of a CNAME or MX record needs a final dot, lest the domain is appended. */
  readonly finalDot?: true;
  /** True if the form wants TXT values in double quotes. */
  readonly quotesTxt?: true;
  /** True if the MX form takes preference and host in one field. */
  readonly mxInOne?: true;
  /** Further steps for a CNAME. */
  readonly cname?: string;
  /** Further steps for an MX record. */
  readonly mx?: string;
}

/**
 * The largest DNS hosts, by the suffixes of their name servers. It has only what their forms want
 * beside the name, type and value that we give: all of them append the domain to the name.
 *
 * Above each is the vendor's own page that it was checked with, in November 2026, and what no such
 * page confirms.
 */
const providers: readonly DnsProvider[] = [
  // developers.cloudflare.com/dns/cname-flattening/set-up-cname-flattening: @; proxied names, and on
  // paid plans flattened ones, are answered with addresses.
  // developers.cloudflare.com/dns/foundation-dns/advanced-nameservers: foundationdns.
  {
    name: 'Cloudflare',
    nameServer: /\.(?:ns\.cloudflare\.com|foundationdns\.(?:com|net|org))$/,
    field: 'Name',
    apex: '@',
    cname: 'set its proxy status to "DNS only", with "Flatten" off',
  },
  // No page of GoDaddy's was in reach; as other senders' guides describe its form.
  { name: 'GoDaddy', nameServer: /\.domaincontrol\.com$/, field: 'Name', apex: '@' },
  // docs.aws.amazon.com/Route53/latest/DeveloperGuide: resource-record-sets-values-multivalue (no @),
  // ResourceRecordTypes (quotes; preference and host in one value; the final dot may be left out).
  {
    name: 'Amazon Route 53',
    nameServer: /\.awsdns-\d+\.(?:com|net|org|co\.uk)$/,
    field: 'Record name',
    apex: 'nothing',
    quotesTxt: true,
    mxInOne: true,
  },
  // namecheap.com/support/knowledgebase/article.aspx/1262 (@, names without the domain). That MX
  // records hide behind Mail Settings is not on a page that was in reach.
  {
    name: 'Namecheap',
    nameServer: /\.registrar-servers\.com$/,
    field: 'Host',
    apex: '@',
    mx: 'choose "Custom MX" under Mail Settings first',
  },
  // Both answer from the same name servers; Squarespace took over Google's domains. No page about
  // either's form was in reach.
  {
    name: 'Google Cloud DNS or Squarespace',
    nameServer: /\.googledomains\.com$/,
    field: 'DNS name or Host',
    apex: 'nothing',
  },
  // dev.wix.com/docs/rest/account-level/domains/domain-dns (host name). That it stays empty for the
  // domain itself: as mailerlite.com/help/how-to-authenticate-a-domain-with-wix has it.
  { name: 'Wix', nameServer: /\.wixdns\.net$/, field: 'Host Name', apex: 'nothing' },
  // ionos.com/help/domains/configuring-cname-records-for-subdomains: Hostname without the domain,
  // the target in full, without a final dot. The @ is not on it.
  {
    name: 'IONOS',
    nameServer: /\.ui-dns\.(?:com|org|biz|de)$/,
    field: 'Hostname',
    apex: '@',
  },
  // docs.ovhcloud.com/en/guides/web-cloud/domains/dns-zone-edit: a target without a final dot has the
  // domain appended. The name of the field is not in its text.
  {
    name: 'OVHcloud',
    nameServer: /\.(?:ovh\.net|ovh\.ca|anycast\.me)$/,
    field: 'Sub-domain',
    apex: 'nothing',
    finalDot: true,
  },
  // No page of Hostinger's about its form was in reach.
  { name: 'Hostinger', nameServer: /\.dns-parking\.com$/, field: 'Name', apex: '@' },
  // learn.microsoft.com/azure/dns/dns-zones-records: relative names, @.
  {
    name: 'Azure DNS',
    nameServer: /\.azure-dns\.(?:com|net|org|info)$/,
    field: 'Name',
    apex: '@',
  },
  // github.com/digitalocean/openapi, domain_record.yml: @, hosts without a final dot.
  { name: 'DigitalOcean', nameServer: /\.digitalocean\.com$/, field: 'Hostname', apex: '@' },
  // docs.gandi.net, "Gérer les enregistrements DNS": @; a target without a final dot has the domain
  // appended.
  { name: 'Gandi', nameServer: /\.gandi\.net$/, field: 'Name', apex: '@', finalDot: true },
  // alibabacloud.com/help/en/dns/api-alidns-2015-01-09-adddomainrecord: @, never empty; targets count
  // as full. api-alidns-2015-01-09-modifyhichinadomaindns: the name servers.
  {
    name: 'Alibaba Cloud',
    nameServer: /\.(?:alidns|hichina)\.com$/,
    field: 'Hostname',
    apex: '@',
  },
  // cloud.tencent.com/document/product/1427/56180: @ where nothing is given.
  { name: 'DNSPod', nameServer: /\.(?:dnspod\.net|dnsv\d\.com)$/, field: 'Host', apex: '@' },
  // No page of Network Solutions' about its form was in reach.
  { name: 'Network Solutions', nameServer: /\.worldnic\.com$/, field: 'Host', apex: '@' },
];

/** The provider whose name servers these are, where it is one of the largest and serves all of them. */
export function providerOf(nameServers: readonly string[]): string | undefined {
  return find(nameServers)?.name;
}

const find = (nameServers: readonly string[]): DnsProvider | undefined =>
  nameServers.length === 0
    ? undefined
    : providers.find(({ nameServer }) => nameServers.every((host) => nameServer.test(host)));

/**
 * Returns how a domain's DNS provider wants a record entered, as sentences.
 *
 * @param nameServers host names of the zone's name servers, lower case, no trailing dot
 * @param zone what the provider appends to names
 * @returns undefined where the provider is not known
 */
export function wayToEnter(
  nameServers: readonly string[],
  record: { readonly name: string; readonly type: CustomerRecord['type'] },
  zone: string,
): string | undefined {
  const provider = find(nameServers);
  if (provider === undefined) return undefined;
  const { field, apex, finalDot, quotesTxt, mxInOne, cname, mx } = provider;
  const { name, type } = record;
  const short = name === zone ? apex : name.slice(0, -zone.length - 1);
  const enter = short === 'nothing' ? `leave "${field}" empty` : `enter ${short} as "${field}"`;
  const also = [
    finalDot && type !== 'TXT' ? 'end the target with a dot' : undefined,
    quotesTxt && type === 'TXT' ? 'put the value in double quotes' : undefined,
    mxInOne && type === 'MX' ? 'enter preference and host together as the value' : undefined,
    type === 'CNAME' ? cname : undefined,
    type === 'MX' ? mx : undefined,
  ].filter((one) => one !== undefined);
  return `At ${provider.name}, ${[enter, ...also].join(', and ')}.`;
}
