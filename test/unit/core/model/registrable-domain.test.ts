import { expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';

test('the registrable domain is one label above the suffix, private suffixes included', () => {
  expect(registrableDomain('a.b.example.co.uk' as DomainName)).toBe('example.co.uk');
  expect(registrableDomain('a.me.github.io' as DomainName)).toBe('me.github.io');
  expect(registrableDomain('co.uk' as DomainName)).toBe('co.uk');
});
