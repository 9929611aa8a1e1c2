import { beforeAll, describe, expect, it } from 'vitest';
import { declarations } from '../../infra/functions.ts';
import {
  grantsOf,
  list,
  readable,
  type Resource,
  resourcesOf,
  statementsOf,
} from './synthesized.ts';

const functionNames = (await declarations()).map(({ name }) => name);

const settings = {
  providerId: 'example.net',
  providerName: 'Example',
  serviceName: 'Sender domains',
  logoUrl: 'https://example.net/logo.svg',
  dashboard: 'app.example.net',
};

let resources: Resource[];
beforeAll(() => {
  resources = resourcesOf({ domainConnect: settings });
});

/** Returns the Domain Connect settings of the function of the domain routes. */
function advised(of: readonly Resource[]): unknown {
  const domains = of.find(
    ({ properties: { FunctionName: name } }) => name === 'sender-domains-domains',
  );
  const { Variables: variables } = readable(domains?.properties['Environment']) as {
    Variables: Record<string, string>;
  };
  return JSON.parse(variables['DOMAIN_CONNECT']!);
}

const mayWith = (action: string, of: readonly Resource[]) =>
  functionNames.filter((name) =>
    grantsOf(of, name).some((grant) => list(grant.Action).includes(action)),
  );

describe('Domain Connect', () => {
  it('is passed to the function of the domain routes, with the key that signs', () => {
    expect(advised(resources)).toEqual({
      ...settings,
      serviceId: 'sender-domains',
      key: expect.stringMatching(/^<DomainConnectKey.*\.Arn>$/),
    });
  });

  it('signs with a key that only this function may use, and whose public half the account may read', () => {
    const [key, ...others] = resources.filter(
      ({ type, properties }) =>
        type === 'AWS::KMS::Key' && properties['KeyUsage'] === 'SIGN_VERIFY',
    );
    expect(others).toEqual([]);
    expect(key).toMatchObject({ properties: { KeySpec: 'RSA_2048' }, deletionPolicy: 'Retain' });

    const policy = statementsOf([key!]).map(({ statement }) => statement);
    const about = (action: string) =>
      policy
        .filter((statement) => list(statement.Action).includes(action))
        .map(({ Effect: effect, Condition: condition }) => [effect, condition]);
    const principal = {
      'aws:PrincipalArn': 'arn:aws:iam::<AWS::AccountId>:role/sender-domains-eu-west-1-domains',
    };
    expect(about('kms:Sign')).toEqual([
      ['Allow', { ArnEquals: principal }],
      ['Deny', { ArnNotEquals: principal }],
    ]);
    expect(about('kms:CreateGrant')).toEqual([['Deny', undefined]]);
    expect(about('kms:GetPublicKey')).toEqual([['Allow', undefined]]);

    expect(mayWith('kms:Sign', resources)).toEqual(['domains']);
    const grants = grantsOf(resources, 'domains').filter(({ Action: action }) =>
      list(action).includes('kms:Sign'),
    );
    expect(grants).toMatchObject([{ Action: 'kms:Sign', Resource: `<${key!.id}.Arn>` }]);
  });
});
