import { expect, test } from 'vitest';
import type { DomainInShort } from '../../../dashboard/src/api/client.ts';
import { tasksOf } from '../../../dashboard/src/home/tasks.ts';
import { givenDomain } from './given-domain.ts';

const good = { outcomes: 100, bounced: 0, complained: 0, standing: 'good' } as const;

const domain = (name: string, changes: Partial<DomainInShort> = {}): DomainInShort =>
  givenDomain(name, { mail: good, ...changes });

test('nothing is needed where all is well, or is being deleted', () => {
  const deleted = domain('b.example', { status: 'pending', lifecycle: 'deleting' });
  expect(tasksOf({ domains: [domain('a.example'), deleted], mail: good })).toEqual([]);
});

test('domains whose mail stops come first, by the day, then those that are lost', () => {
  const tasks = tasksOf({
    domains: [
      domain('a.example', { status: 'lost' }),
      domain('b.example', { status: 'at-risk', lostAt: '2026-12-06T10:00:00.000Z' }),
      domain('c.example', { status: 'at-risk', lostAt: '2026-12-05T10:00:00.000Z' }),
      domain('d.example', { status: 'at-risk', lostAt: '2026-12-06T11:00:00.000Z' }),
      domain('e.example', { status: 'pending' }),
    ],
    mail: { ...good, complained: 3 },
  });
  expect(tasks.map(({ id }) => id)).toEqual([
    'stops 2026-12-05',
    'stops 2026-12-06',
    'lost',
    'complaints',
    'pending',
  ]);
  expect(tasks[0]).toMatchObject({ severity: 'error', href: '/domains/c.example' });
  expect(tasks[1]?.text).toMatch(/^2 domains stop sending on /);
  expect(tasks[1]?.href).toBe('/domains?status=at-risk');
  expect(tasks[3]?.text).toBe('3 readers reported mail as spam in the last 7 days.');
  expect(tasks[4]).toMatchObject({ severity: 'pending', href: '/domains/e.example/set-up' });
});

test('an account whose sending is paused is said before all else', () => {
  const [first] = tasksOf({
    domains: [domain('a.example', { status: 'lost' })],
    mail: { ...good, standing: 'paused' },
  });
  expect(first).toMatchObject({ id: 'standing', severity: 'error' });
});
