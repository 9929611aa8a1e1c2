import { describe, expect, test } from 'vitest';
import { findLeftovers } from '#shared/app/adopt/find-leftovers.ts';
import { planAdoption } from '#shared/app/adopt/plan-adoption.ts';
import { filesOf } from '#shared/app/adopt/script.ts';
import { referencesOf, retainedOf, type StackTemplate } from '#shared/app/adopt/template.ts';
import type { Leftovers } from '#shared/app/ports/leftovers.ts';
import { longestOptions, stacksOf } from '../../../infra/synthesized.ts';

/** An account in which a deployment of these stacks left all that it retains. */
function givenLeftovers(stacks: readonly StackTemplate[], changes: Partial<Leftovers> = {}) {
  const tables = stacks.flatMap(({ template }) =>
    retainedOf(template).map(([, { Properties: of }]) => String(of?.['TableName'])),
  );
  const account: Leftovers = {
    hasFunction: async () => false,
    tables: async (prefix) =>
      [...tables, 'z-other'].filter((name) => name.startsWith(prefix) && name !== prefix),
    zones: async ([name = '']) => [{ name, id: `Z${name.length}`, nameServers: [] }],
    key: async (alias) => ({ id: `key of ${alias}`, state: 'Enabled' }),
    buckets: async () => [
      'another-bucket',
      ...stacks.flatMap(({ name, template }) =>
        retainedOf(template)
          .filter(([, { Type: type }]) => type === 'AWS::S3::Bucket')
          .map(([id]) => `${name}-${id}-abcdefghijkl`.toLowerCase()),
      ),
    ],
    userPools: async () => ['eu-west-1_pool'],
    recordSet: async (_zone, Name, Type) => ({ Name, Type, TTL: 300, ResourceRecords: [] }),
    ...changes,
  };
  return account;
}

const stacks = stacksOf().map(({ stackName: name, template }) => ({ name, template }));
const retained = stacks.flatMap(({ template }) => retainedOf(template));

describe('an adoption', () => {
  test('imports every resource that a deleted deployment keeps, and makes records again', async () => {
    const adoption = planAdoption(await findLeftovers(stacks, givenLeftovers(stacks)));

    const imported = adoption.imports.flatMap(({ resources }) =>
      resources.map((one) => one.LogicalResourceId),
    );
    expect(imported.length + adoption.recordSets.length).toBe(retained.length);
    expect(new Set(imported).size).toBe(imported.length);
    expect(adoption).toMatchObject({ missing: [], problems: [] });
    expect(adoption.imports[0]?.resources).toContainEqual({
      ResourceType: 'AWS::KMS::Key',
      LogicalResourceId: expect.stringMatching(/^WrappingKey/) as unknown,
      ResourceIdentifier: { KeyId: 'key of alias/sender-domains-wrapping' },
    });
  });

  test.each([
    ['of the defaults', {}],
    ['with the longest names', longestOptions()],
  ])(
    '%s has templates that CloudFormation takes: whole, and in a bucket where they are large',
    async (_, of) => {
      const given = stacksOf(of).map(({ stackName: name, template }) => ({ name, template }));
      const adoption = planAdoption(await findLeftovers(given, givenLeftovers(given)));

      for (const { stack, template, resources } of adoption.imports) {
        const ids = Object.keys(template.Resources);
        expect(referencesOf(template).filter((id) => !ids.includes(id))).toEqual([]);
        expect(resources.map((one) => one.LogicalResourceId)).toEqual(ids);
        const files = filesOf(adoption, 'eu-west-1');
        const isLarge = Buffer.byteLength(files[`${stack}.template.json`] ?? '') > 51_200;
        expect(files['adopt.sh']?.includes(`/${stack}.import.json" `)).toBe(isLarge);
      }
    },
  );

  test('imports before it deploys, and deletes records right before the deployment that makes them', async () => {
    const adoption = planAdoption(await findLeftovers(stacks, givenLeftovers(stacks)));

    const lines = (filesOf(adoption, 'eu-west-1')['adopt.sh'] ?? '').split('\n');
    const changes = lines.filter((line) => /^(aws|npx)/.test(line) && !line.includes(' wait '));
    expect(changes.map((line) => line.split(' --')[0])).toEqual([
      ...adoption.imports.flatMap(() => [
        'aws cloudformation create-change-set',
        'aws cloudformation execute-change-set',
      ]),
      'aws route53 change-resource-record-sets',
      'npx cdk deploy sender-domains-dns',
      'aws route53 change-resource-record-sets',
      'npx cdk deploy sender-domains-reports',
      'npx cdk deploy',
    ]);
  });

  test('ends where there are tables and the alias of their key is gone', async () => {
    const account = givenLeftovers(stacks, {
      key: async (alias) =>
        alias.endsWith('-wrapping') ? undefined : { id: 'k', state: 'Enabled' },
    });
    const { problems } = planAdoption(await findLeftovers(stacks, account));

    expect(problems).toEqual([
      expect.stringMatching(/^sender-domains-data WrappingKey\w+ was not found by its alias, /),
    ]);
  });

  test('ends where KMS is to delete a key, and says how to stop that', async () => {
    const account = givenLeftovers(stacks, {
      key: async () => ({ id: 'k-1', state: 'PendingDeletion' }),
    });
    const { problems } = planAdoption(await findLeftovers(stacks, account));

    expect(problems[0]).toBe(
      'KMS is to delete the key k-1. Stop that now: aws kms cancel-key-deletion --key-id k-1 && aws kms enable-key --key-id k-1',
    );
  });

  test('asks which of several is the one, and takes the one that is named', async () => {
    const account = givenLeftovers(stacks, {
      userPools: async () => ['eu-west-1_old', 'eu-west-1_new'],
    });
    const found = await findLeftovers(stacks, account);

    expect(planAdoption(found).problems).toEqual([
      expect.stringContaining('may be any of eu-west-1_old, eu-west-1_new. '),
    ]);
    const { problems, imports } = planAdoption(found, ['eu-west-1_new']);
    expect(problems).toEqual([]);
    expect(JSON.stringify(imports)).toContain('{"UserPoolId":"eu-west-1_new"}');
  });

  test('of an account in which nothing was left imports nothing', async () => {
    const nothing = givenLeftovers(stacks, {
      tables: async () => [],
      zones: async () => [],
      key: async () => undefined,
      buckets: async () => [],
      userPools: async () => [],
    });
    expect(planAdoption(await findLeftovers(stacks, nothing))).toMatchObject({
      imports: [],
      recordSets: [],
      problems: [],
    });
  });
});
