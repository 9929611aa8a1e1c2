import { beforeAll, describe, expect, it } from 'vitest';
import { declarations } from '../../infra/functions.ts';
import {
  grantsOf,
  list,
  longestOptions,
  readable,
  type Resource,
  resourcesOf,
  type Statement,
  statementsOf,
} from './synthesized.ts';

const functionNames = (await declarations()).map(({ name }) => name);

let resources: Resource[];

beforeAll(() => {
  resources = resourcesOf();
});

const role = (name: string) =>
  `arn:aws:iam::<AWS::AccountId>:role/sender-domains-eu-west-1-${name}`;

const actionsOf = (name: string, service: string): string[] =>
  grantsOf(resources, name)
    .flatMap(({ Action: action }) => list(action))
    .filter((action) => action.startsWith(`${service}:`))
    .sort();

const functionsThatMay = (action: string): string[] =>
  functionNames.filter((name) =>
    grantsOf(resources, name).some((statement) => list(statement.Action).includes(action)),
  );

describe('policies', () => {
  it('allow no action by a pattern', () => {
    const patterns = statementsOf(resources)
      .filter(({ statement }) => statement.Effect === 'Allow')
      .flatMap(({ in: { stack, id }, statement }) =>
        list(statement.Action)
          .filter((action) => action.includes('*'))
          .map((action) => `${stack}/${id} ${action}`),
      );

    expect(patterns).toEqual([]);
  });

  it("attach none of AWS's own", () => {
    const managed = resources.filter(({ properties }) => 'ManagedPolicyArns' in properties);

    expect(managed).toEqual([]);
  });

  it('of a function keep within the 10,240 characters of a role, at the longest configuration', () => {
    const all = resourcesOf({ ...longestOptions(), account: '123456789012' });
    const sizes = all
      .filter(({ type }) => type === 'AWS::IAM::Policy')
      .map(({ properties }) => JSON.stringify(readable(properties['PolicyDocument'])).length);

    expect(Math.max(...sizes)).toBeLessThan(10_240);
  });

  it('let each function write to its own log group only', () => {
    for (const name of functionNames) {
      const logging = grantsOf(resources, name).filter((statement) =>
        list(statement.Action).some((action) => action.startsWith('logs:')),
      );
      expect(logging).toHaveLength(1);
      expect(list(logging[0]!.Action)).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
      expect(list(logging[0]!.Resource)).toHaveLength(1);
      expect(logging[0]!.Resource).toMatch(/^<\w+Logs\w+\.Arn>$/);
    }
  });

  it('are open to no other account and no anonymous caller', () => {
    const open = statementsOf(resources).filter(
      ({ statement }) =>
        statement.Effect === 'Allow' && JSON.stringify(statement.Principal)?.includes('"*"'),
    );

    expect(open).toEqual([]);
  });

  it('let a service in only on behalf of this account or of one resource', () => {
    const services = statementsOf(resources).filter(
      ({ in: { type }, statement }) =>
        statement.Effect === 'Allow' &&
        ['AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy'].includes(type),
    );

    expect(services.length).toBeGreaterThan(0);
    for (const { statement } of services) {
      expect(JSON.stringify(statement.Condition)).toMatch(/aws:Source(Account|Arn)/i);
    }
  });
});

const keyPolicy = (of = resources): Statement[] =>
  statementsOf(of)
    .filter(({ in: { type } }) => type === 'AWS::KMS::Key')
    .map(({ statement }) => statement);
const allowing = (action: string, of = resources) =>
  keyPolicy(of).filter(
    (statement) => statement.Effect === 'Allow' && list(statement.Action).includes(action),
  );
const denying = (action: string, of = resources) =>
  keyPolicy(of).filter(
    (statement) => statement.Effect === 'Deny' && list(statement.Action).includes(action),
  );

const whoUnwraps = ['disclosure', 'signer'] as const;

describe('the wrapping key', () => {
  const exactContext = {
    'ForAllValues:StringEquals': {
      'kms:EncryptionContextKeys': ['tenant', 'domain', 'selector', 'keyId'],
    },
    Null: {
      'kms:EncryptionContext:tenant': 'false',
      'kms:EncryptionContext:domain': 'false',
      'kms:EncryptionContext:selector': 'false',
      'kms:EncryptionContext:keyId': 'false',
    },
  };

  it('is symmetric, and AWS renews it every year', () => {
    const [key, ...others] = resources.filter(({ type }) => type === 'AWS::KMS::Key');

    expect(others).toEqual([]);
    expect(key?.properties).toMatchObject({ EnableKeyRotation: true });
    expect(key?.properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT').toBe('SYMMETRIC_DEFAULT');
    expect(key?.properties['KeyUsage'] ?? 'ENCRYPT_DECRYPT').toBe('ENCRYPT_DECRYPT');
  });

  it.each([
    ["the signer's role only", false, ['signer']],
    ["the signer's and, where retired keys are disclosed, that function's", true, whoUnwraps],
  ] as const)('decrypts for %s, and only with the whole context', (_, disclosure, names) => {
    const all = disclosure ? resources : resourcesOf({ rotation: {} });
    const roles = names.map(role);
    expect(allowing('kms:Decrypt', all).map(({ Condition: condition }) => condition)).toEqual([
      { ArnEquals: { 'aws:PrincipalArn': roles }, ...exactContext },
    ]);
    expect(denying('kms:Decrypt', all)).toEqual([
      expect.objectContaining({
        Principal: { AWS: '*' },
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': roles } },
      }),
    ]);
    const grants = statementsOf(all).filter(
      ({ in: { type }, statement }) =>
        type === 'AWS::IAM::Policy' && list(statement.Action).includes('kms:Decrypt'),
    );
    expect(grants).toHaveLength(names.length);
    const functions = all.filter(({ type }) => type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(functionNames.length - (disclosure ? 0 : 1));
  });

  it('is used by the disclosure, which changes no claim, sends and reads no mail', () => {
    expect(functionsThatMay('kms:Decrypt').sort()).toEqual(['disclosure', 'signer']);
    for (const service of ['s3', 'ses', 'sqs', 'events']) {
      expect(actionsOf('disclosure', service)).toEqual(
        service === 'sqs' ? ['sqs:SendMessage'] : [],
      );
    }
    const onClaims = grantsOf(resources, 'disclosure')
      .filter(({ Resource: on }) => list(on).some((resource) => resource.includes('Claims')))
      .flatMap(({ Action: action }) => list(action));
    expect(onClaims.sort()).toEqual(['dynamodb:BatchGetItem', 'dynamodb:ConditionCheckItem']);
  });

  it('makes pairs for onboarding and rotation only, of the two kinds, with the whole context', () => {
    const action = 'kms:GenerateDataKeyPairWithoutPlaintext';
    const makers = [role('domains'), role('rotation-worker')];

    expect(allowing(action).map(({ Condition: condition }) => condition)).toEqual([
      {
        ArnEquals: { 'aws:PrincipalArn': makers },
        StringEquals: { 'kms:DataKeyPairSpec': ['RSA_2048', 'ECC_NIST_EDWARDS25519'] },
        ...exactContext,
      },
    ]);
    expect(denying(action)).toEqual([
      expect.objectContaining({
        Principal: { AWS: '*' },
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': makers } },
      }),
    ]);
    expect(functionsThatMay(action)).toEqual(['domains', 'rotation-worker']);
  });

  it('does nothing else for anybody', () => {
    const use = [
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyPair',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:CreateGrant',
    ];

    for (const action of use) {
      expect(allowing(action)).toEqual([]);
      expect(denying(action)).toEqual([expect.objectContaining({ Principal: { AWS: '*' } })]);
      expect(denying(action)[0]).not.toHaveProperty('Condition');
    }
  });

  it('is administered by the account, which may not use it', () => {
    const administration = keyPolicy().filter(
      (statement) => statement.Effect === 'Allow' && statement.Condition === undefined,
    );

    expect(administration).toHaveLength(1);
    expect(administration[0]?.Principal).toEqual({ AWS: 'arn:aws:iam::<AWS::AccountId>:root' });
    const actions = list(administration[0]!.Action);
    expect(actions).toContain('kms:PutKeyPolicy');
    expect(actions.filter((action) => /crypt|Generate|Grant$|Sign/.test(action))).toEqual([
      'kms:RevokeGrant',
    ]);
  });
});

describe('Route 53', () => {
  it('is written by the publisher only: TXT records below a shard', () => {
    expect(functionsThatMay('route53:ChangeResourceRecordSets')).toEqual(['publisher']);
    const [statement] = grantsOf(resources, 'publisher').filter((one) =>
      list(one.Action).includes('route53:ChangeResourceRecordSets'),
    );

    expect(statement?.Condition).toEqual({
      'ForAllValues:StringLike': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['*.s?.sender-domains.example'],
      },
      'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'] },
      Null: {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'false',
        'route53:ChangeResourceRecordSetsRecordTypes': 'false',
      },
    });
  });

  it('opens to the publisher the names of every shard, and not those of the zone itself', () => {
    const many = resourcesOf({ shards: 120 });
    const [statement] = grantsOf(many, 'publisher').filter((one) =>
      list(one.Action).includes('route53:ChangeResourceRecordSets'),
    );
    const patterns = statement?.Condition?.['ForAllValues:StringLike']?.[
      'route53:ChangeResourceRecordSetsNormalizedRecordNames'
    ] as string[];
    const matches = (name: string) =>
      patterns.some((pattern) => {
        const escaped = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        return new RegExp(`^${escaped}$`).test(name);
      });

    for (let shard = 1; shard <= 120; shard += 1) {
      expect(matches(`zero._domainkey.label.s${shard}.sender-domains.example`)).toBe(true);
    }
    expect(matches('s1.sender-domains.example')).toBe(false);
    expect(matches('www.sender-domains.example')).toBe(false);
    expect(matches('label.s1.somebody-else.example')).toBe(false);
  });
});

describe('SES', () => {
  it('takes mail from the signer only, under identities of this account and our configuration set', () => {
    expect(functionsThatMay('ses:SendRawEmail')).toEqual(['signer']);
    const [statement] = grantsOf(resources, 'signer').filter((one) =>
      list(one.Action).includes('ses:SendRawEmail'),
    );
    const [set] = resources.filter(({ type }) => type === 'AWS::SES::ConfigurationSet');

    expect(list(statement!.Resource).toSorted()).toEqual([
      `arn:aws:ses:eu-west-1:<AWS::AccountId>:configuration-set/<${set?.id}>`,
      'arn:aws:ses:eu-west-1:<AWS::AccountId>:identity/*',
    ]);
  });

  it('is set up by the identities function only, by the calls it makes', () => {
    expect(actionsOf('identities', 'ses')).toEqual([
      'ses:DeleteIdentity',
      'ses:GetIdentityVerificationAttributes',
      'ses:SetIdentityMailFromDomain',
      'ses:VerifyDomainIdentity',
    ]);
    for (const name of functionNames.filter((one) => !['identities', 'signer'].includes(one))) {
      expect(actionsOf(name, 'ses')).toEqual([]);
    }
  });
});

describe('the user pool', () => {
  it('is managed by the users function only, and as little as its routes need', () => {
    for (const name of functionNames.filter((one) => one !== 'users')) {
      expect(actionsOf(name, 'cognito-idp')).toEqual([]);
    }
    expect(actionsOf('users', 'cognito-idp')).toEqual(
      [
        'AdminAddUserToGroup',
        'AdminCreateUser',
        'AdminDeleteUser',
        'AdminGetUser',
        'AdminListGroupsForUser',
        'AdminRemoveUserFromGroup',
        'CreateGroup',
        'ListUsersInGroup',
      ].map((action) => `cognito-idp:${action}`),
    );
  });

  it('gives a user their tenant at birth, for good', () => {
    const [pool] = resources.filter(({ type }) => type === 'AWS::Cognito::UserPool');
    expect(pool?.properties['Schema']).toMatchObject([{ Name: 'tenant', Mutable: false }]);
  });
});

describe('mail', () => {
  it('is put by the messages function and read by the signer, reports by their reader, by no other', () => {
    expect(functionsThatMay('s3:PutObject')).toEqual(['messages']);
    expect(functionsThatMay('s3:GetObject').sort()).toEqual(['reports', 'signer']);
    expect(functionsThatMay('s3:DeleteObject')).toEqual([]);
  });
});

describe('tables', () => {
  it('of revoked keys are read and added to, and deleted from or updated by none', () => {
    const onRevokedKeys = functionNames.flatMap((name) =>
      grantsOf(resources, name)
        .filter((statement) =>
          list(statement.Resource).some((resource) => resource.includes('RevokedKeys')),
        )
        .flatMap((statement) => list(statement.Action)),
    );

    expect(new Set(onRevokedKeys)).toEqual(new Set(['dynamodb:BatchGetItem', 'dynamodb:PutItem']));
  });

  it('are never made, dropped or restored by a function', () => {
    const actions = new Set(
      functionNames.flatMap((name) => actionsOf(name, 'dynamodb')).map((one) => one.slice(9)),
    );

    expect([...actions].filter((one) => /Table|Backup|Export|Import/.test(one))).toEqual([]);
  });
});
