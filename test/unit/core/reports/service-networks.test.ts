import { describe, expect, test } from 'vitest';
import { serviceByNetwork, serviceIncludes } from '#shared/core/reports/services/networks.ts';

const seenAt = '2026-11-02T03:20:00.000Z';
const known = (...entries: readonly (readonly [string, ...string[]])[]) =>
  serviceByNetwork(entries.map(([include, ...networks]) => ({ include, networks, seenAt })));

describe('the service of an address', () => {
  const serviceAt = known(
    ['servers.mcsv.net', 'ip4:192.0.2.0/24', 'ip6:2001:db8:1::/48'],
    ['sendgrid.net', 'ip4:192.0.2.128/25', 'ip4:198.51.100.7'],
  );

  test.each([
    ['192.0.2.1', 'Mailchimp'],
    ['192.0.2.129', 'Twilio SendGrid'],
    ['198.51.100.7', 'Twilio SendGrid'],
    ['2001:db8:1::25', 'Mailchimp'],
    ['::ffff:192.0.2.1', 'Mailchimp'],
  ])('%s is %s', (address, name) => {
    expect(serviceAt(address)?.name).toBe(name);
  });

  test.each(['198.51.100.8', '2001:db8:2::25', '', 'shop.example', '192.0.2'])(
    '%j is of none',
    (address) => {
      expect(serviceAt(address)).toBeUndefined();
    },
  );
});

test('a network is of the service that others include with their own', () => {
  const serviceAt = known(
    ['secureserver.net', 'ip4:198.51.100.0/24', 'ip4:192.0.2.0/24'],
    ['spf.protection.outlook.com', 'ip4:192.0.2.0/24'],
  );
  expect(serviceAt('192.0.2.1')?.name).toBe('Microsoft 365');
  expect(serviceAt('198.51.100.1')?.name).toBe('GoDaddy');
});

test('networks that are too wide, and includes that the table no longer has, name nothing', () => {
  const serviceAt = known(
    ['servers.mcsv.net', 'ip4:0.0.0.0/0', 'ip4:128.0.0.0/1', 'ip6:::/0'],
    ['gone.example', 'ip4:192.0.2.0/24'],
  );
  expect(['192.0.2.1', '8.8.8.8', '2001:db8::1'].map(serviceAt)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('as many networks are read as one record could not hold', () => {
  const networks = Array.from(
    { length: 500 },
    (_, index) => `ip4:198.18.${index >> 8}.${index & 255}`,
  );
  expect(known(['sendgrid.net', ...networks])('198.18.1.243')?.name).toBe('Twilio SendGrid');
});

test('an include is of one service', () => {
  expect(serviceIncludes.get('servers.mcsv.net')?.name).toBe('Mailchimp');
  expect(serviceIncludes.size).toBeGreaterThanOrEqual(12);
});
