/** A DNS provider, and what its form wants that others' do not. */
interface DnsProvider {
  readonly name: string;
  /** What the host names of its name servers match. */
  readonly nameServer: RegExp;
  /** What the form calls the record's name. */
  readonly field: string;
  /** What goes there for the domain itself. */
  readonly apex: '@' | 'nothing';
  /** Whether the target of a CNAME or MX record needs a final dot, lest the domain is appended. */
  readonly finalDot?: true;
  /** Whether the form wants TXT values in double quotes. */
  readonly quotesTxt?: true;
  /** Whether the MX form takes preference and host in one field. */
  readonly mxInOne?: true;
  /** What else a CNAME needs. */
  readonly cname?: string;
  /** What else an MX record needs. */
  readonly mx?: string;
}

/**
 * The largest DNS hosts, by the suffixes of their name servers. Only what their forms do otherwise
 * than a name, a type and a value as we tell them: all of them append the domain to the name.
 */
const providers: readonly DnsProvider[] = [
  {
    name: 'Cloudflare',
    nameServer: /\.ns\.cloudflare\.com$/,
    field: 'Name',
    apex: '@',
    cname: 'set its proxy status to "DNS only"',
  },
  { name: 'GoDaddy', nameServer: /\.domaincontrol\.com$/, field: 'Name', apex: '@' },
  {
    name: 'Amazon Route 53',
    nameServer: /\.awsdns-\d+\.(?:com|net|org|co\.uk)$/,
    field: 'Record name',
    apex: 'nothing',
    quotesTxt: true,
    mxInOne: true,
  },
  {
    name: 'Namecheap',
    nameServer: /\.registrar-servers\.com$/,
    field: 'Host',
    apex: '@',
    mx: 'choose "Custom MX" under Mail Settings first',
  },
  {
    // Both answer from the same name servers; Squarespace took over Google's domains.
    name: 'Google Cloud DNS or Squarespace',
    nameServer: /\.googledomains\.com$/,
    field: 'DNS name or Host',
    apex: 'nothing',
  },
  { name: 'Wix', nameServer: /\.wixdns\.net$/, field: 'Host Name', apex: 'nothing' },
  {
    name: 'IONOS',
    nameServer: /\.ui-dns\.(?:com|org|biz|de)$/,
    field: 'Host name',
    apex: '@',
  },
  {
    name: 'OVHcloud',
    nameServer: /\.(?:ovh\.net|ovh\.ca|anycast\.me)$/,
    field: 'Sub-domain',
    apex: 'nothing',
    finalDot: true,
  },
  { name: 'Hostinger', nameServer: /\.dns-parking\.com$/, field: 'Name', apex: '@' },
  {
    name: 'Azure DNS',
    nameServer: /\.azure-dns\.(?:com|net|org|info)$/,
    field: 'Name',
    apex: '@',
  },
  { name: 'DigitalOcean', nameServer: /\.digitalocean\.com$/, field: 'Hostname', apex: '@' },
  { name: 'Gandi', nameServer: /\.gandi\.net$/, field: 'Name', apex: '@', finalDot: true },
  {
    name: 'Alibaba Cloud',
    nameServer: /\.(?:alidns|hichina)\.com$/,
    field: 'Hostname',
    apex: '@',
  },
  { name: 'DNSPod', nameServer: /\.(?:dnspod\.net|dnsv\d\.com)$/, field: 'Host', apex: '@' },
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
 * How a domain's DNS provider wants a record entered, as sentences.
 *
 * @param nameServers host names of the zone's name servers, lower case, no trailing dot
 * @param zone what the provider appends to names
 * @returns undefined where the provider is not known
 */
export function wayToEnter(
  nameServers: readonly string[],
  record: { readonly name: string; readonly type: 'CNAME' | 'MX' | 'TXT' },
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
