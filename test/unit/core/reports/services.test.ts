import { describe, expect, test } from 'vitest';
import { byHost } from '#shared/core/reports/services/by-host.ts';
import { mailServices, serviceOf } from '#shared/core/reports/services/find-service.ts';
import { parseSpf } from '#shared/core/spf/record.ts';

describe('the services that are known', () => {
  test('are more than seventy, each with a page, a day and one sentence', () => {
    expect(mailServices.length).toBeGreaterThanOrEqual(70);
    for (const { name, domains, align, source, read } of mailServices) {
      expect(domains.length, name).toBeGreaterThan(0);
      expect(new URL(source).protocol, name).toBe('https:');
      expect(read, name).toMatch(/^2026-\d\d-\d\d$/);
      expect(align, name).toMatch(/^[A-Z][^.]*(?:\.\w[^.]*)*\.$/);
      expect(align.split(' ').length, name).toBeLessThanOrEqual(25);
    }
  });

  test('have names, domains and includes of their own, each once', () => {
    const names = mailServices.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const list of ['domains', 'includes'] as const) {
      const domains = mailServices.flatMap((service) => service[list]);
      expect(new Set(domains).size, list).toBe(domains.length);
    }
    for (const { name, domains, includes } of mailServices) {
      for (const domain of [...domains, ...includes]) {
        const [, ...labels] = domain.split('.');
        expect(serviceOf(domain)?.name, domain).toBe(name);
        expect([name, undefined], domain).toContain(serviceOf(labels.join('.'))?.name);
      }
    }
  });

  test('give domains that a lookup can have, in lower case', () => {
    const label = '[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?';
    for (const domain of mailServices.flatMap(({ domains, includes }) => [
      ...domains,
      ...includes,
    ])) {
      expect(domain).toMatch(new RegExp(`^(?:${label}\\.)+[a-z]{2,}$`));
      expect(domain.length).toBeLessThanOrEqual(253);
    }
  });

  test('mostly let their customers include them in SPF', () => {
    const included = mailServices.filter(({ includes }) => includes.length > 0);
    expect(included.length).toBeGreaterThanOrEqual(30);
    for (const { name, includes } of included) {
      for (const include of includes) {
        expect(parseSpf(`v=spf1 include:${include} ~all`).mechanisms, name).toMatchObject([
          { kind: 'include', domain: include },
          { kind: 'all' },
        ]);
      }
    }
  });

  test('rest on pages that differ, but for those known by their hosts', () => {
    const sources = mailServices.map(({ source }) => source);
    const shared = sources.filter((source, index) => sources.indexOf(source) !== index);
    expect(new Set(shared)).toEqual(new Set([byHost[0]?.source]));
  });
});

describe('a service is found', () => {
  test.each([
    ['mcsv.net', 'Mailchimp'],
    ['mail208.atl82.rsgsv.net', 'Mailchimp'],
    ['servers.mcsv.net', 'Mailchimp'],
    ['contoso.onmicrosoft.com', 'Microsoft 365'],
    ['shop-example.20230601.gappssmtp.com', 'Google Workspace'],
    ['pm.mtasv.net', 'Postmark'],
    ['eu-west-1.amazonses.com', 'Amazon SES'],
    ['mail10.eu.mandrillapp.com', 'Mailchimp Transactional'],
    ['eu._netblocks.mimecast.com', 'Mimecast'],
    ['acme.atlassian.net', 'Atlassian'],
    ['email.cloudflare.net', 'Cloudflare Email Routing'],
    ['mx.ovh.com', 'OVH'],
  ])('by %s: %s', (domain, name) => {
    expect(serviceOf(domain)?.name).toBe(name);
  });

  test.each(['net', 'shop.example', 'notmcsv.net', 'mcsv.net.example', ''])(
    'not by %s',
    (domain) => {
      expect(serviceOf(domain)).toBeUndefined();
    },
  );
});
