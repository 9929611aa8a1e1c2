import { expect, test } from 'vitest';
import { composeSpf } from '#shared/spf/compose.ts';

test('mechanisms come in order, each once, before all', () => {
  expect(
    composeSpf('d.example', ['include:a.example', 'ip4:192.0.2.1', 'include:a.example'], '~all'),
  ).toBe('v=spf1 include:a.example ip4:192.0.2.1 ~all');
  expect(composeSpf('d.example', [], '?all')).toBe('v=spf1 ?all');
});

test('name and text take 450 octets together and no more', () => {
  const rest = 450 - 'd.example'.length - 'v=spf1 include: ~all'.length;
  expect(composeSpf('d.example', [`include:${'a'.repeat(rest)}`], '~all')).toHaveLength(441);
  expect(() => composeSpf('d.example', [`include:${'a'.repeat(rest + 1)}`], '~all')).toThrow(
    'd.example would take 451 octets',
  );
});
