import { describe, expect, test } from 'vitest';
import { readDomains, readSuppressions } from '#shared/core/migration/read-export.ts';

const json = (value: unknown): string => JSON.stringify(value);

describe('the domains of an account', () => {
  test.each([
    [
      'sendgrid',
      json([
        { id: 1, domain: 'Shop.example', subdomain: 'em1', valid: true },
        { id: 2, domain: 'shop.example', subdomain: 'em2', valid: false },
        { id: 3, domain: 'b.example' },
      ]),
    ],
    ['sendgrid', 'domain,subdomain\nshop.example,em1\nb.example,em2\n'],
    [
      'mailgun',
      json({
        total_count: 2,
        items: [{ name: 'shop.example', state: 'active' }, { name: 'b.example' }],
      }),
    ],
    [
      'postmark',
      json({ TotalCount: 2, Domains: [{ Name: 'shop.example' }, { Name: 'b.example' }] }),
    ],
    [
      'ses',
      json({
        EmailIdentities: [
          { IdentityType: 'DOMAIN', IdentityName: 'shop.example', SendingEnabled: true },
          { IdentityType: 'EMAIL_ADDRESS', IdentityName: 'ann@shop.example' },
          { IdentityType: 'DOMAIN', IdentityName: 'b.example' },
        ],
      }),
    ],
  ] as const)('are read as %s exports them', (service, text) => {
    expect(readDomains(service, text)).toEqual(['shop.example', 'b.example']);
  });

  test('of several pages are read together', () => {
    const pages = [{ items: [{ name: 'a.example' }] }, { items: [{ name: 'b.example' }] }];
    expect(readDomains('mailgun', json(pages))).toEqual(['a.example', 'b.example']);
  });

  test.each([
    ['mailgun', '[]extra', 'neither JSON nor CSV'],
    ['mailgun', '{"domains":[]}', 'no list "items"'],
    ['sendgrid', '{"result":[]}', 'no list'],
    ['postmark', '{"Domains":[{"ID":1}]}', 'no "Name"'],
  ] as const)('are refused where %s has no such export: %s', (service, text, why) => {
    expect(() => readDomains(service, text)).toThrow(why);
  });
});

describe('the addresses that an account does not send to', () => {
  test.each([
    [
      'sendgrid',
      json([
        { created: 1_700_000_000, email: 'Ann@Example.com', reason: '550 5.1.1', status: '5.1.1' },
      ]),
      'bounce',
    ],
    [
      'sendgrid',
      'status,reason,email,created\n5.1.1,"550, gone",ann@example.com,1700000000\n',
      'bounce',
    ],
    [
      'mailgun',
      json({ items: [{ address: 'ann@example.com', code: '550', error: 'x' }] }),
      'bounce',
    ],
    ['mailgun', 'address,code,error,created_at\nann@example.com,550,x,\n', 'bounce'],
    [
      'postmark',
      json({
        Suppressions: [{ EmailAddress: 'ann@example.com', SuppressionReason: 'HardBounce' }],
      }),
      'manual',
    ],
    [
      'ses',
      json({
        SuppressedDestinationSummaries: [{ EmailAddress: 'ann@example.com', Reason: 'BOUNCE' }],
      }),
      'manual',
    ],
  ] as const)('are read as %s exports them', (service, text, fallback) => {
    expect(readSuppressions(service, text, fallback)).toEqual([
      { address: 'ann@example.com', reason: 'bounce' },
    ]);
  });

  test('keep their reasons', () => {
    const suppressions = ['HardBounce', 'SpamComplaint', 'ManualSuppression'].map(
      (SuppressionReason, index) => ({ EmailAddress: `a${index}@example.com`, SuppressionReason }),
    );
    const read = readSuppressions('postmark', json({ Suppressions: suppressions }), 'manual');
    expect(read.map(({ reason }) => reason)).toEqual(['bounce', 'complaint', 'manual']);
    const odd = json({ Suppressions: [{ EmailAddress: 'a@b.example', SuppressionReason: 'Odd' }] });
    expect(() => readSuppressions('postmark', odd, 'manual')).toThrow('"Odd" is no reason');
  });
});
