import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthorizer, parsePolicy } from '../../local/aws/iam.ts';
import { grantsOf, list, type Resource, resourcesOf, statementsOf } from './synthesized.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/secrets`;
const functions = ['webhooks', 'webhook-settings', 'api-keys', 'signer'] as const;

/** A statement as it is deployed: with the account, and the key's own ARN. */
const deployed = (statements: readonly object[]): unknown => ({
  Version: '2012-10-17',
  Statement: JSON.parse(
    JSON.stringify(statements).replaceAll('<AWS::AccountId>', ACCOUNT),
  ) as unknown,
});

let resources: Resource[];
let authorize: ReturnType<typeof createAuthorizer>;
beforeAll(() => {
  resources = resourcesOf();
  const policy = statementsOf(resources)
    .filter(({ in: { type, id } }) => type === 'AWS::KMS::Key' && id.startsWith('SecretsKey'))
    .map(({ statement }) => statement);
  authorize = createAuthorizer({
    accountId: ACCOUNT,
    region: REGION,
    principals: new Map(
      functions.map((name) => {
        const grants = grantsOf(resources, name)
          .filter(({ Resource: on }) => list(on).some((arn) => arn.includes('SecretsKey')))
          .map((statement) => ({ ...statement, Resource: KEY }));
        const arn = `arn:aws:iam::${ACCOUNT}:role/sender-domains-${REGION}-${name}`;
        return [name, { arn, policies: [parsePolicy(deployed(grants), 'identity')] }];
      }),
    ),
    resourcePolicy: () => parsePolicy(deployed(policy), 'resource'),
  });
});

const may = (name: string, action: 'Encrypt' | 'Decrypt', given: Record<string, string>): boolean =>
  authorize(name, {
    action: `kms:${action}`,
    resource: KEY,
    context: {
      'kms:CallerAccount': [ACCOUNT],
      'kms:EncryptionContextKeys': Object.keys(given),
      ...Object.fromEntries(
        Object.entries(given).map(([key, value]) => [`kms:EncryptionContext:${key}`, [value]]),
      ),
    },
  }).allowed;

const secret = { purpose: 'webhook', tenant: 't_a', id: 'wh_a' };
const answer = { ...secret, purpose: 'answer' };

describe('the key that seals secrets, by its policy and those of the roles', () => {
  it.each([
    ['webhook-settings', 'Encrypt', secret, true],
    ['webhook-settings', 'Decrypt', secret, false],
    ['webhook-settings', 'Decrypt', answer, true],
    ['webhooks', 'Decrypt', secret, true],
    ['webhooks', 'Encrypt', secret, true],
    ['webhooks', 'Decrypt', answer, false],
    ['api-keys', 'Encrypt', answer, true],
    ['api-keys', 'Decrypt', answer, true],
    ['api-keys', 'Decrypt', secret, false],
    ['signer', 'Decrypt', secret, false],
    ['signer', 'Encrypt', answer, false],
  ] as const)('lets %s %s %j: %s', (name, action, context, allowed) => {
    expect(may(name, action, context)).toBe(allowed);
  });

  it('takes the whole context, and nothing beside it', () => {
    const { id: _, ...incomplete } = secret;
    expect(may('webhooks', 'Decrypt', incomplete)).toBe(false);
    expect(may('webhooks', 'Decrypt', { ...secret, more: 'x' })).toBe(false);
    expect(may('webhooks', 'Decrypt', {})).toBe(false);
  });
});
