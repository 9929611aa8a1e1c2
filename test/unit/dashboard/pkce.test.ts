import { expect, test } from 'vitest';
import { challengeOf, newVerifier } from '../../../dashboard/src/session/pkce.ts';

test('the challenge of a verifier is that of RFC 7636, appendix B', async () => {
  expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('a verifier is 43 unreserved characters, and another one each time', () => {
  const verifiers = Array.from({ length: 200 }, newVerifier);
  for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(new Set(verifiers).size).toBe(200);
});
