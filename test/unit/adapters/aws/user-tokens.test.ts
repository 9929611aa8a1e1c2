import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { cognitoUserTokens } from '#shared/adapters/aws/user-tokens.ts';

const pool = 'eu-west-1_Users1234';
const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${pool}`;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = {
  keys: [
    {
      ...pair.publicKey.export({ format: 'jwk' }),
      kty: 'RSA',
      kid: 'one',
      alg: 'RS256',
      use: 'sig',
    },
  ],
};

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as Cognito makes them, but for what is given. */
function givenToken(
  claims: Record<string, unknown> = {},
  {
    header = {},
    key = pair.privateKey,
  }: { header?: Record<string, unknown>; key?: KeyObject } = {},
): string {
  const now = Math.floor(Date.now() / 1000);
  const signed = [
    part({ alg: 'RS256', kid: 'one', ...header }),
    part({
      iss: issuer,
      sub: 'ann',
      username: 'ann',
      token_use: 'access',
      client_id: 'dashboard',
      scope: 'openid email',
      iat: now,
      exp: now + 3600,
      'cognito:groups': ['group'],
      ...claims,
    }),
  ].join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
}

const users = cognitoUserTokens(pool, jwks);

describe("Cognito's access tokens", () => {
  test('identify their user, and the groups', async () => {
    expect(await users.userOf(givenToken())).toEqual({ id: 'ann', groups: ['group'] });
    const groupless = givenToken({ 'cognito:groups': undefined });
    expect(await users.userOf(groupless)).toEqual({ id: 'ann', groups: [] });
  });

  test.each([
    ['that has ended', givenToken({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['of another pool', givenToken({ iss: issuer.replace('Users', 'Other') })],
    ['that is an ID token', givenToken({ token_use: 'id' })],
    [
      "signed with another's key",
      givenToken({}, { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
    ],
    ['that says it needs no signature', givenToken({}, { header: { alg: 'none' } })],
    ['that is no JSON', 'a.b.c'],
    ['that is empty', ''],
  ])('%s is refused', async (_, token) => {
    expect(await users.userOf(token)).toBeUndefined();
  });

  test('whose payload was changed is refused', async () => {
    const [header, , signature] = givenToken().split('.');
    const payload = givenToken({ 'cognito:groups': ['other'] }).split('.')[1];
    expect(await users.userOf([header, payload, signature].join('.'))).toBeUndefined();
  });
});
