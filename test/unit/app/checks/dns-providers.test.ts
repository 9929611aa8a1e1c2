import { expect, test } from 'vitest';
import { providerOf, wayToEnter } from '#shared/app/checks/evaluate/dns-providers.ts';

const slot = { name: 'zero._domainkey.mail.example.com', type: 'CNAME' } as const;
const apex = { name: 'example.com', type: 'TXT' } as const;
const mx = { name: 'bounces.example.com', type: 'MX' } as const;

test.each([
  ['Cloudflare', 'ada.ns.cloudflare.com'],
  ['GoDaddy', 'ns01.domaincontrol.com'],
  ['Amazon Route 53', 'ns-1.awsdns-00.co.uk'],
  ['Namecheap', 'dns1.registrar-servers.com'],
  ['Google Cloud DNS or Squarespace', 'ns-cloud-a1.googledomains.com'],
  ['Wix', 'ns2.wixdns.net'],
  ['IONOS', 'ns1045.ui-dns.biz'],
  ['OVHcloud', 'dns104.ovh.net'],
  ['Hostinger', 'ns1.dns-parking.com'],
  ['Azure DNS', 'ns1-01.azure-dns.com'],
  ['DigitalOcean', 'ns1.digitalocean.com'],
  ['Gandi', 'ns-1-a.gandi.net'],
  ['Alibaba Cloud', 'dns1.hichina.com'],
  ['DNSPod', 'f1g1ns1.dnspod.net'],
  ['Network Solutions', 'ns1.worldnic.com'],
])('%s is known by %s', (provider, host) => {
  expect(providerOf([host, host.replace('1', '2')])).toBe(provider);
  expect(wayToEnter([host], slot, 'example.com')).toContain(
    `At ${provider}, enter zero._domainkey.mail as`,
  );
});

test('no provider is known by other names, by none, or where two share a domain', () => {
  expect(providerOf(['ns1.example.net'])).toBeUndefined();
  expect(providerOf(['cloudflare.com.example.net'])).toBeUndefined();
  expect(providerOf([])).toBeUndefined();
  expect(providerOf(['ada.ns.cloudflare.com', 'ns01.domaincontrol.com'])).toBeUndefined();
  expect(wayToEnter(['ns1.example.net'], slot, 'example.com')).toBeUndefined();
});

test('what a form wants otherwise is said for the types that it concerns', () => {
  const cloudflare = ['ada.ns.cloudflare.com'];
  expect(wayToEnter(cloudflare, slot, 'example.com')).toContain(
    'set its proxy status to "DNS only", with "Flatten" off',
  );
  expect(providerOf(['gold.foundationdns.com', 'gold.foundationdns.net'])).toBe('Cloudflare');
  expect(wayToEnter(cloudflare, apex, 'example.com')).toBe('At Cloudflare, enter @ as "Name".');
  const route53 = ['ns-1.awsdns-00.com'];
  expect(wayToEnter(route53, apex, 'example.com')).toBe(
    'At Amazon Route 53, leave "Record name" empty, and put the value in double quotes.',
  );
  expect(wayToEnter(route53, mx, 'example.com')).toContain('preference and host together');
  expect(wayToEnter(['a.gandi.net'], mx, 'example.com')).toContain('end the target with a dot');
  expect(wayToEnter(['a.registrar-servers.com'], mx, 'example.com')).toContain('Custom MX');
});
