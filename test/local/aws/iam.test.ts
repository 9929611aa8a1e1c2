import { describe, expect, test } from 'vitest';
import type { AwsCall } from '../../../local/aws/call.ts';
import { createAuthorizer, parsePolicy } from '../../../local/aws/iam.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/signer`;
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/k1`;

interface Setting {
  readonly identity?: readonly unknown[];
  readonly resource?: readonly unknown[];
}

const judge = ({ identity = [], resource }: Setting, call: Partial<AwsCall>): boolean =>
  createAuthorizer({
    accountId: ACCOUNT,
    region: 'eu-central-1',
    principals: new Map([
      [
        'AKIASIGNER',
        { arn: ROLE, policies: identity.map((s) => parsePolicy(document(s), 'identity')) },
      ],
    ]),
    resourcePolicy: () =>
      resource === undefined ? undefined : parsePolicy(document(...resource), 'resource'),
  })('AKIASIGNER', { action: 'kms:Decrypt', resource: KEY, context: {}, ...call }).allowed;

const document = (...statements: readonly unknown[]): unknown => ({
  Version: '2012-10-17',
  Statement: statements,
});

const allow = (more: object = {}): object => ({
  Effect: 'Allow',
  Action: 'kms:Decrypt',
  Resource: KEY,
  ...more,
});
const DELEGATION = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};

describe('identity policies', () => {
  const bucket = { action: 's3:GetObject', resource: 'arn:aws:s3:::mail/in/1' };
  const permits = (statement: object): boolean =>
    judge({ identity: [{ Effect: 'Allow', ...statement }] }, bucket);

  test.each([
    [true, { Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail/*' }],
    [true, { Action: 'S3:getobject', Resource: '*' }],
    [true, { Action: ['s3:Put*', 's3:Get*'], Resource: ['arn:aws:s3:::mail/in/?'] }],
    [true, { NotAction: 's3:Delete*', Resource: '*' }],
    [true, { Action: '*', NotResource: 'arn:aws:s3:::other/*' }],
    [false, { Action: 's3:GetObject', Resource: 'arn:aws:s3:::mail' }],
    [false, { Action: 's3:GetObject', Resource: 'arn:aws:s3:::MAIL/*' }],
    [false, { Action: 's3:GetObjectVersion', Resource: '*' }],
    [false, { NotAction: 's3:*', Resource: '*' }],
    [false, { Action: 's3.GetObject', Resource: '*' }],
  ])('%s for %j', (expected, statement) => {
    expect(permits(statement)).toBe(expected);
  });

  test('permit nothing that no statement allows, and nothing that one denies', () => {
    expect(judge({}, bucket)).toBe(false);
    const all = { Effect: 'Allow', Action: '*', Resource: '*' };
    const none = { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::mail/*' };
    expect(judge({ identity: [all] }, bucket)).toBe(true);
    expect(judge({ identity: [all, none] }, bucket)).toBe(false);
  });
});

describe('a key policy', () => {
  test('has to allow, or to delegate to the account whose policies allow', () => {
    expect(judge({ identity: [allow()] }, {})).toBe(false);
    expect(judge({ identity: [allow()], resource: [DELEGATION] }, {})).toBe(true);
    expect(judge({ resource: [DELEGATION] }, {})).toBe(false);
    const named = { ...allow(), Principal: { AWS: ROLE }, Resource: '*' };
    expect(judge({ resource: [named] }, {})).toBe(true);
    const other = { ...named, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/other` } };
    expect(judge({ identity: [allow()], resource: [other] }, {})).toBe(false);
  });

  test('denies to everybody but one role', () => {
    const deny = {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: {
        ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/disclosure` },
      },
    };
    const identity = [allow()];
    expect(judge({ identity, resource: [DELEGATION, deny] }, {})).toBe(false);
    const sparing = {
      ...deny,
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [ROLE, 'arn:aws:iam::*:role/x'] } },
    };
    expect(judge({ identity, resource: [DELEGATION, sparing] }, {})).toBe(true);
  });

  test('leaves out what is about AWS services, under any conditions', () => {
    const service = {
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: 'kms:*',
      Resource: '*',
      Condition: { ArnLike: { 'aws:SomethingOfTheirs': 'x' } },
    };
    expect(judge({ identity: [allow()], resource: [service] }, {})).toBe(false);
  });
});

describe('conditions', () => {
  const context = {
    'kms:EncryptionContextKeys': ['tenant', 'domain'],
    'kms:EncryptionContext:tenant': ['t1'],
    'kms:DataKeyPairSpec': ['RSA_2048'],
  };
  const permits = (Condition: object): boolean =>
    judge({ identity: [allow({ Condition })], resource: [DELEGATION] }, { context });

  test.each([
    [true, { StringEquals: { 'kms:DataKeyPairSpec': ['RSA_2048', 'RSA_3072'] } }],
    [true, { StringEquals: { 'KMS:dataKeyPairSpec': 'RSA_2048' } }],
    [false, { StringEquals: { 'kms:DataKeyPairSpec': 'rsa_2048' } }],
    [true, { StringEqualsIgnoreCase: { 'kms:DataKeyPairSpec': 'rsa_2048' } }],
    [true, { StringLike: { 'kms:DataKeyPairSpec': 'RSA_*' } }],
    [false, { StringNotLike: { 'kms:DataKeyPairSpec': 'RSA_*' } }],
    [false, { StringNotEquals: { 'kms:DataKeyPairSpec': ['RSA_2048', 'x'] } }],
    [true, { StringNotEquals: { 'kms:EncryptionContext:absent': 'x' } }],
    [false, { StringEquals: { 'kms:EncryptionContext:absent': 'x' } }],
    [true, { StringEqualsIfExists: { 'kms:EncryptionContext:absent': 'x' } }],
    [false, { StringEqualsIfExists: { 'kms:EncryptionContext:tenant': 'x' } }],
    [
      true,
      { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'domain', 'x'] } },
    ],
    [false, { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant'] } }],
    [true, { 'ForAllValues:StringLike': { 'kms:EncryptionContext:absent': 'x' } }],
    [true, { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['tenant', 'x'] } }],
    [false, { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['x'] } }],
    [false, { 'ForAnyValue:StringEquals': { 'kms:EncryptionContext:absent': 'x' } }],
    [true, { 'ForAnyValue:StringNotEquals': { 'kms:EncryptionContextKeys': ['tenant'] } }],
    [false, { 'ForAllValues:StringNotEquals': { 'kms:EncryptionContextKeys': ['tenant'] } }],
    [
      true,
      { Null: { 'kms:EncryptionContext:tenant': 'false', 'kms:EncryptionContext:x': 'true' } },
    ],
    [false, { Null: { 'kms:EncryptionContext:tenant': true } }],
    [true, { Bool: { 'aws:SecureTransport': true } }],
    [false, { Bool: { 'aws:SecureTransport': 'false' } }],
    [true, { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/sign*' } }],
    [false, { ArnLike: { 'aws:PrincipalArn': 'arn:*:role/signer' } }],
    [false, { StringEquals: { 'kms:ViaService': 'dynamodb.eu-central-1.amazonaws.com' } }],
    [
      false,
      {
        StringEquals: { 'kms:DataKeyPairSpec': 'RSA_2048' },
        Bool: { 'aws:SecureTransport': 'false' },
      },
    ],
  ])('%s: %j', (expected, condition) => {
    expect(permits(condition)).toBe(expected);
  });
});

describe('a policy that is not understood', () => {
  test.each([
    [{ Condition: { NumericLessThan: { 'aws:x': 1 } } }, 'operator NumericLessThan is not known'],
    [{ Condition: { 'ForSome:StringEquals': { 'aws:PrincipalArn': 'x' } } }, 'is not known'],
    [{ Condition: { StringEquals: { 'dynamodb:LeadingKeys': 'x' } } }, 'key dynamodb:leadingkeys'],
    [{ Resource: { Ref: 'Table' } }, 'Resource is not a string'],
    [{ Resource: 'arn:aws:s3:::${aws:username}/*' }, 'has a variable'],
    [{ Effect: 'Maybe' }, 'Effect is "Maybe"'],
    [{ NotAction: 'kms:*' }, 'Action or NotAction'],
    [{ Principal: '*' }, 'unknown Principal'],
    [{ Conditions: {} }, 'unknown Conditions'],
    [{ Condition: { Null: { 'aws:PrincipalArn': 'maybe' } } }, 'neither true nor false'],
  ])('%j is refused when it is loaded', (more, reason) => {
    expect(() => parsePolicy(document(allow(more)), 'identity')).toThrow(reason);
  });
});
