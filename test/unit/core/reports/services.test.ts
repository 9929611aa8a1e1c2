import { describe, expect, test } from 'vitest';
import { mailServices, serviceOf } from '#shared/core/reports/services/find-service.ts';

describe('the services that are known', () => {
  test('are about sixty, each with a page, a day and one sentence', () => {
    expect(mailServices.length).toBeGreaterThanOrEqual(60);
    for (const { name, domains, align, source, read } of mailServices) {
      expect(domains.length, name).toBeGreaterThan(0);
      expect(new URL(source).protocol, name).toBe('https:');
      expect(read, name).toMatch(/^2026-\d\d-\d\d$/);
      expect(align, name).toMatch(/^[A-Z][^.]*(?:\.\w[^.]*)*\.$/);
      expect(align.split(' ').length, name).toBeLessThanOrEqual(25);
    }
  });

  test('have names and domains of their own', () => {
    const names = mailServices.map(({ name }) => name);
    const domains = mailServices.flatMap((service) => service.domains);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(domains).size).toBe(domains.length);
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
