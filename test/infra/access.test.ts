import { isDeepStrictEqual } from 'node:util';
import { routes } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
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

type KeyName = 'WrappingKey' | 'SecretsKey';
const keyPolicy = (of = resources, key: KeyName = 'WrappingKey'): Statement[] =>
  statementsOf(of)
    .filter(({ in: { type, id } }) => type === 'AWS::KMS::Key' && id.startsWith(key))
    .map(({ statement }) => statement);
const allowing = (action: string, of = resources, key?: KeyName) =>
  keyPolicy(of, key).filter(
    (statement) => statement.Effect === 'Allow' && list(statement.Action).includes(action),
  );
const usersOf = (
  key: KeyName,
  action: string,
  of = resources,
  among: readonly string[] = functionNames,
): string[] =>
  among
    .filter((name) =>
      grantsOf(of, name).some(
        ({ Action: actions, Resource: on }) =>
          list(actions).includes(action) && list(on).some((arn) => arn.includes(key)),
      ),
    )
    .toSorted();
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
    const [key, ...others] = resources.filter(
      ({ type, id }) => type === 'AWS::KMS::Key' && !id.startsWith('SecretsKey'),
    );

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
    const deployed = functionNames.filter((name) => disclosure || name !== 'disclosure');
    expect(usersOf('WrappingKey', 'kms:Decrypt', all, deployed)).toEqual([...names]);
    const functions = all.filter(({ type }) => type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(functionNames.length - (disclosure ? 0 : 1));
  });

  it('is used by the disclosure, which changes no claim, sends and reads no mail', () => {
    expect(usersOf('WrappingKey', 'kms:Decrypt')).toEqual(['disclosure', 'signer']);
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
    const makers = [role('domains'), role('importer'), role('rotation-worker')];

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
    expect(functionsThatMay(action)).toEqual(['domains', 'importer', 'rotation-worker']);
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

const secretContextOf = (purpose: string) => ({
  StringEquals: { 'kms:EncryptionContext:purpose': purpose },
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'tenant', 'id'] },
  Null: { 'kms:EncryptionContext:tenant': 'false', 'kms:EncryptionContext:id': 'false' },
});

const rolesFor = (action: string, purpose: string) =>
  allowing(action, resources, 'SecretsKey')
    .filter(({ Condition: condition }) =>
      isDeepStrictEqual(condition?.['StringEquals']?.['kms:EncryptionContext:purpose'], purpose),
    )
    .flatMap(({ Condition: { ArnEquals: roles, ...context } = {} }) => {
      expect(context).toEqual(secretContextOf(purpose));
      return list(roles?.['aws:PrincipalArn'] as string[]);
    });

describe('the key that seals secrets', () => {
  const answering = ['api-keys', 'domains', 'messages', 'tenants', 'webhook-settings'];
  it('seals and opens answers for the functions whose answers hold secrets', () => {
    expect(rolesFor('kms:Encrypt', 'answer')).toEqual(answering.map(role));
    expect(rolesFor('kms:Decrypt', 'answer')).toEqual(answering.map(role));
    const answersWithSecrets = Object.values<Route>(routes).filter((route) => route.answersSecret);
    expect([...new Set(answersWithSecrets.map((route) => route.function))].toSorted()).toEqual(
      answering,
    );
  });

  it('seals secrets of webhooks for who makes them, and opens them for who signs by them', () => {
    expect(rolesFor('kms:Encrypt', 'webhook')).toEqual(['webhook-settings', 'webhooks'].map(role));
    expect(rolesFor('kms:Decrypt', 'webhook')).toEqual([role('webhooks')]);
  });

  it('is used by nobody else, and does nothing else', () => {
    for (const action of ['kms:Encrypt', 'kms:Decrypt']) {
      const [denied, ...others] = keyPolicy(resources, 'SecretsKey').filter(
        (statement) => statement.Effect === 'Deny' && list(statement.Action).includes(action),
      );
      expect(others).toEqual([]);
      expect(denied).toMatchObject({
        Principal: { AWS: '*' },
        Condition: {
          ArnNotEquals: { 'aws:PrincipalArn': usersOf('SecretsKey', action).map(role) },
        },
      });
    }
    const uses = keyPolicy(resources, 'SecretsKey')
      .filter((statement) => statement.Effect === 'Allow' && statement.Condition !== undefined)
      .flatMap(({ Action: actions }) => list(actions));
    expect([...new Set(uses)].toSorted()).toEqual(['kms:Decrypt', 'kms:Encrypt']);
  });
});

describe('Route 53', () => {
  it('is written by two: the publisher writes TXT records below a shard', () => {
    const writers = ['delegations', 'publisher'];
    expect(functionsThatMay('route53:ChangeResourceRecordSets')).toEqual(writers);
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

  it('opens to delegated subdomains no name of the deployment but their name servers', () => {
    const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
    const types = 'route53:ChangeResourceRecordSetsRecordTypes';
    const [own, customers] = grantsOf(resources, 'delegations')
      .filter((one) => list(one.Action).includes('route53:ChangeResourceRecordSets'))
      .map(({ Condition }) => Condition);

    const Null = { [names]: 'false', [types]: 'false' };
    expect(own).toEqual({
      'ForAllValues:StringLike': { [names]: ['*.ns.sender-domains.example'] },
      'ForAllValues:StringEquals': { [types]: ['A', 'AAAA'] },
      Null,
    });
    expect(customers).toEqual({
      'ForAllValues:StringNotLike': {
        [names]: ['sender-domains.example', '*.sender-domains.example'],
      },
      'ForAllValues:StringEquals': { [types]: ['CNAME', 'MX', 'NS', 'TXT'] },
      Null,
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
    expect(functionsThatMay('ses:SendEmail')).toEqual(['signer']);
    expect(functionsThatMay('ses:SendRawEmail')).toEqual(['signer']);
    expect(actionsOf('messages', 'ses')).toEqual(['ses:GetAccount']);
    const [statement] = grantsOf(resources, 'signer').filter((one) =>
      ['ses:SendEmail', 'ses:SendRawEmail'].every((action) => list(one.Action).includes(action)),
    );
    const [set] = resources.filter(({ type }) => type === 'AWS::SES::ConfigurationSet');

    expect(list(statement!.Resource).toSorted()).toEqual([
      `arn:aws:ses:eu-west-1:<AWS::AccountId>:configuration-set/<${set?.id}>`,
      'arn:aws:ses:eu-west-1:<AWS::AccountId>:identity/*',
    ]);
  });

  it('is set up by the identities function only, by the calls it makes, and counted by its planner', () => {
    expect(actionsOf('identity-planner', 'ses')).toEqual(['ses:ListIdentities']);
    expect(actionsOf('identities', 'ses')).toEqual([
      'ses:DeleteIdentity',
      'ses:GetIdentityVerificationAttributes',
      'ses:SetIdentityMailFromDomain',
      'ses:VerifyDomainIdentity',
    ]);
    expect(actionsOf('monitor', 'ses')).toEqual(['ses:GetAccount']);
    const callers = ['identities', 'identity-planner', 'messages', 'monitor', 'signer'];
    for (const name of functionNames.filter((one) => !callers.includes(one))) {
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
        'AdminCreateUser',
        'AdminDeleteUser',
        'AdminGetUser',
        'AdminListGroupsForUser',
        'AdminRemoveUserFromGroup',
        'AdminUpdateUserAttributes',
        'ListUsersInGroup',
      ].map((action) => `cognito-idp:${action}`),
    );
  });

  it('asks everybody for a one-time password, and takes passwords in the hosted pages alone', () => {
    const [pool] = resources.filter(({ type }) => type === 'AWS::Cognito::UserPool');
    expect(pool?.properties).toMatchObject({
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    const clients = resources.filter(({ type }) => type === 'AWS::Cognito::UserPoolClient');
    expect(clients.map(({ properties }) => properties)).toMatchObject([
      {
        ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
        AllowedOAuthFlows: ['code'],
        // Without `aws.cognito.signin.user.admin` no token changes its user.
        AllowedOAuthScopes: ['openid', 'email'],
        ReadAttributes: ['email', 'email_verified'],
        WriteAttributes: ['locale'],
        SupportedIdentityProviders: ['COGNITO'],
      },
    ]);
  });

  it('keeps what earlier releases set of a user, and lets the service alone say who invited last', () => {
    const [pool] = resources.filter(({ type }) => type === 'AWS::Cognito::UserPool');
    expect(pool?.properties['Schema']).toMatchObject([
      { Name: 'tenant', Mutable: false },
      { Name: 'inviter', Mutable: false },
      { Name: 'account', Mutable: false },
      { Name: 'invited_by', Mutable: true },
      { Name: 'invited_to', Mutable: true },
    ]);
  });
});

/** The objects that a function may do an action on, without their bucket. */
const objectsFor = (name: string, action: string): string[] =>
  grantsOf(resources, name)
    .filter((one) => list(one.Action).includes(action))
    .flatMap((one) => list(one.Resource).map((resource) => /\/.*$/.exec(resource)?.[0] ?? ''));

describe('mail', () => {
  it('is put by the messages function, the mailers of contacts and notices and the canary, put and read by the signer, reports are read by their reader, by no other', () => {
    const revoking = ['reconciler', 'revocation-log'];
    const mailing = ['canary', 'hand-over', 'messages', 'notices'];
    expect(functionsThatMay('s3:PutObject').sort()).toEqual(
      ['audit-anchor', ...mailing, ...revoking, 'signer'].sort(),
    );
    expect(objectsFor('audit-anchor', 's3:PutObject')).toEqual(['/heads/*']);
    for (const name of revoking) {
      expect(objectsFor(name, 's3:PutObject')).toEqual(['/revoked/*']);
    }
    expect(functionsThatMay('s3:GetObject').sort()).toEqual(['messages', 'reports', 'signer']);
    expect(functionsThatMay('s3:DeleteObject')).toEqual([]);
    // The messages function reads no mail, only what a customer uploads by a URL that it signed.
    expect(objectsFor('messages', 's3:GetObject')).toEqual(['/uploads/*']);
    expect(objectsFor('messages', 's3:PutObject').sort()).toEqual(['/mail/*', '/uploads/*']);
    expect(objectsFor('signer', 's3:GetObject')).toEqual(['/mail/*']);
    expect(objectsFor('signer', 's3:PutObject')).toEqual(['/mail/*']);
  });
});

/** The functions that may do something with the items of a table, by its construct's name. */
const may = (table: string, action: string): string[] =>
  functionNames.filter((name) =>
    grantsOf(resources, name).some(
      (statement) =>
        list(statement.Action).includes(`dynamodb:${action}`) &&
        list(statement.Resource).some((resource) => resource.includes(`${table}Table`)),
    ),
  );

describe('tables', () => {
  it('of revoked keys are read and added to, and deleted from or updated by none', () => {
    const onRevokedKeys = functionNames.flatMap((name) =>
      grantsOf(resources, name)
        .filter((statement) =>
          list(statement.Resource).some((resource) => resource.includes('RevokedKeys')),
        )
        .flatMap((statement) => list(statement.Action)),
    );

    const reading = ['BatchGetItem', 'Scan'].concat([
      'DescribeStream',
      'GetRecords',
      'GetShardIterator',
      'ListStreams',
    ]);
    expect(new Set(onRevokedKeys)).toEqual(
      new Set(['PutItem', ...reading].map((action) => `dynamodb:${action}`)),
    );
  });

  it('of the audit log are added to by who changes something that it has, and changed by none', () => {
    const audited = ['Claims', 'Tenants', 'Platforms', 'Webhooks', 'Users', 'HandOvers'];
    const changing = audited
      .flatMap((table) =>
        ['PutItem', 'UpdateItem', 'DeleteItem'].flatMap((action) => may(table, action)),
      )
      // It notes when a key was last used, which is no change of the key.
      .filter((name) => name !== 'authorizer');
    expect(changing.length).toBeGreaterThan(20);
    expect(may('Audit', 'PutItem')).toEqual(expect.arrayContaining([...new Set(changing)]));
    for (const action of ['UpdateItem', 'DeleteItem', 'BatchWriteItem']) {
      expect(may('Audit', action)).toEqual([]);
    }
    expect(may('AuditSeals', 'PutItem')).toEqual(['audit-sealer']);
    expect(may('AuditSeals', 'DeleteItem')).toEqual([]);
  });

  it('are never made, dropped or restored by a function', () => {
    const actions = new Set(
      functionNames.flatMap((name) => actionsOf(name, 'dynamodb')).map((one) => one.slice(9)),
    );

    expect([...actions].filter((one) => /Table|Backup|Export|Import/.test(one))).toEqual([]);
  });
});

describe('changes of what keeps private keys private', () => {
  interface Pattern {
    readonly source: readonly string[];
    readonly 'detail-type': readonly string[];
    readonly detail: {
      readonly eventName: readonly (string | { readonly prefix: string })[];
      readonly resources?: { readonly ARN: readonly string[] };
      readonly requestParameters?: Readonly<Record<string, readonly string[]>>;
    };
  }
  const patterns = (of = resources) =>
    of
      .filter(({ type }) => type === 'AWS::Events::Rule')
      .map(({ properties }) => readable(properties['EventPattern']) as Pattern)
      .filter(({ source }) => source.some((one) => one.startsWith('aws.')));
  const patternOf = (service: string, of = resources) =>
    patterns(of).find(({ source }) => source.includes(`aws.${service}`));

  it('come to a queue with an urgent alarm, from CloudTrail', () => {
    expect(patterns().map((one) => one['detail-type'])).toEqual(
      ['kms', 'lambda', 'iam'].map(() => ['AWS API Call via CloudTrail']),
    );
    const [alarm] = resources.filter(
      ({ type, properties }) =>
        type === 'AWS::CloudWatch::Alarm' &&
        properties['AlarmName'] === 'sender-domains-guarded-changes',
    );
    expect(JSON.stringify(alarm?.properties['AlarmActions'])).toContain('Urgent');
  });

  it('are those of the wrapping key: whoever opens it to others, or takes it away', () => {
    const { eventName, resources: keys } = patternOf('kms')!.detail;
    expect(eventName).toEqual(
      expect.arrayContaining(['PutKeyPolicy', 'ScheduleKeyDeletion', 'DisableKey', 'CreateGrant']),
    );
    expect(keys?.ARN).toEqual([expect.stringContaining('WrappingKey')]);
  });

  it.each([
    ['the signer', false, ['signer']],
    ['the signer and, where it may decrypt too, the disclosure', true, whoUnwraps.toReversed()],
  ] as const)('are those of the code and the role of %s', (_, isDisclosing, names) => {
    const all = isDisclosing ? resources : resourcesOf({ rotation: {} });
    const code = patternOf('lambda', all)!.detail;
    expect(code.eventName).toEqual(
      expect.arrayContaining([
        { prefix: 'UpdateFunctionCode' },
        { prefix: 'UpdateFunctionConfiguration' },
      ]),
    );
    const functions = code.requestParameters!['functionName']!;
    expect(functions.filter((name) => !name.includes(':'))).toEqual(
      names.map((name) => `sender-domains-${name}`),
    );
    const role = patternOf('iam', all)!.detail;
    expect(role.eventName).toEqual(
      expect.arrayContaining(['PutRolePolicy', 'AttachRolePolicy', 'UpdateAssumeRolePolicy']),
    );
    expect(role.requestParameters!['roleName']).toEqual(
      names.map((name) => `sender-domains-eu-west-1-${name}`),
    );
  });
});
