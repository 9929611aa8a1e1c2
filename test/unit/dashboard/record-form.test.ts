import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enteredName, mxParts, possibleZones } from '../../../dashboard/src/domains/record-form.ts';

const domains = fc.domain();
const owners = fc.constantFrom('', 'zero._domainkey.', '_dmarc.', 'bounces.');

describe('the name of a record as a DNS provider wants it', () => {
  test.each([
    ['example.com', 'example.com', '@'],
    ['_dmarc.example.com', 'example.com', '_dmarc'],
    ['_dmarc.mail.example.com', 'example.com', '_dmarc.mail'],
    ['_dmarc.mail.example.com', 'mail.example.com', '_dmarc'],
    // Another domain that ends alike.
    ['_dmarc.notexample.com', 'example.com', '_dmarc.notexample.com'],
  ])('%s in the zone %s is entered as %s', (name, zone, entered) => {
    expect(enteredName(name, { kind: 'relative', zone })).toBe(entered);
  });

  test('is the full name where the provider wants that', () => {
    fc.assert(
      fc.property(domains, (name) => {
        expect(enteredName(name, { kind: 'full' })).toBe(name);
      }),
    );
  });

  test('becomes the full name again by what the provider appends', () => {
    fc.assert(
      fc.property(domains, owners, (domain, owner) => {
        const name = `${owner}${domain}`;
        for (const zone of possibleZones(domain)) {
          const entered = enteredName(name, { kind: 'relative', zone });
          expect(entered === '@' ? zone : `${entered}.${zone}`).toBe(name);
        }
      }),
    );
  });
});

test('the zones of a domain are itself and those above it, the last label left out', () => {
  expect(possibleZones('mail.shop.example.com')).toEqual([
    'mail.shop.example.com',
    'shop.example.com',
    'example.com',
  ]);
});

test('the parts of an MX record are taken apart, and of nothing else', () => {
  expect(mxParts('10 feedback-smtp.eu-west-1.amazonses.com')).toEqual({
    priority: '10',
    server: 'feedback-smtp.eu-west-1.amazonses.com',
  });
  for (const value of ['', '10', 'feedback-smtp.example', '10 two words', ' 10 a.example']) {
    expect(mxParts(value)).toBeUndefined();
  }
});
