import { expect, test } from 'vitest';
import type { DomainInShort } from '../../../dashboard/src/api/client.ts';
import { findDomains } from '../../../dashboard/src/domains/domain-filter.ts';
import { givenDomain as domain } from './given-domain.ts';

const at = '2026-11-20T10:00:00.000Z';

const mail = (outcomes: number, bounced: number): Pick<DomainInShort, 'mail'> => ({
  mail: { outcomes, bounced, complained: 0, standing: 'good' },
});

const all = [
  domain('a.example', mail(100, 1)),
  domain('b.example', { status: 'at-risk', lostAt: at }),
  domain('c.example', { status: 'lost' }),
  domain('deleted.example', { status: 'pending', lifecycle: 'deleting' }),
  domain('mail.a.example', mail(10, 5)),
  domain('parked.example', { purpose: 'parked' }),
  domain('waiting.example', { status: 'pending' }),
];

const found = (wanted: Partial<Parameters<typeof findDomains>[1]>): string[] =>
  findDomains(all, { text: '', status: 'all', order: 'name', ...wanted }).map(({ name }) => name);

test('a text is found anywhere in a name, in any case', () => {
  expect(found({ text: ' A.Example ' })).toEqual(['a.example', 'mail.a.example']);
  expect(found({ text: 'nowhere' })).toEqual([]);
});

test('a domain that is being deleted is in no other status', () => {
  expect(found({ status: 'pending' })).toEqual(['waiting.example']);
  expect(found({ status: 'deleting' })).toEqual(['deleted.example']);
  expect(found({ status: 'parked' })).toEqual(['parked.example']);
  expect(found({ status: 'at-risk' })).toEqual(['b.example']);
});

test('the most urgent come first: lost ones, those whose mail stops, those that wait', () => {
  expect(found({ order: 'status' }).slice(0, 3)).toEqual([
    'c.example',
    'b.example',
    'waiting.example',
  ]);
});

test('bounces are ordered by their share, and who sent nothing comes last', () => {
  expect(found({ order: 'bounced' }).slice(0, 2)).toEqual(['mail.a.example', 'a.example']);
  expect(found({ order: 'mail' })[0]).toBe('a.example');
});
