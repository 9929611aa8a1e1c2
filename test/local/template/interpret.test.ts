import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { readAssembly } from '../../../local/template/assembly.ts';
import { interpret } from '../../../local/template/interpret.ts';
import {
  accepted,
  resourceType,
  type ResourceTypes,
} from '../../../local/template/resource-type.ts';

let folder: string;
let made: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assembly-'));
  made = [];
});
afterEach(() => rm(folder, { recursive: true }));

const types: ResourceTypes = {
  'Test::Thing': resourceType(
    {
      Name: z.string().optional(),
      Nested: z.strictObject({ Deep: z.string() }).optional(),
      Colour: accepted('nobody sees it'),
    },
    ({ logicalId, properties, generatedName }) => {
      made.push(logicalId);
      if (properties.Name === 'bad') throw new Error('bad name');
      return { ref: properties.Name ?? generatedName(), attributes: { Arn: `arn:${logicalId}` } };
    },
  ),
};

interface Sketch {
  resources: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  needs?: string[];
  more?: Record<string, unknown>;
}

async function givenAssembly(
  stacks: Record<string, Sketch>,
  artifacts: Record<string, unknown> = {},
): Promise<void> {
  const manifest: Record<string, unknown> = { Tree: { type: 'cdk:tree' }, ...artifacts };
  for (const [name, { resources, outputs = {}, needs = [], more = {} }] of Object.entries(stacks)) {
    await writeFile(
      join(folder, `${name}.template.json`),
      JSON.stringify({ Resources: resources, Outputs: outputs, ...more }),
    );
    await writeFile(
      join(folder, `${name}.assets.json`),
      JSON.stringify({
        files: {
          abc: {
            source: { path: 'asset.abc', packaging: 'zip' },
            destinations: { current: { bucketName: 'b', objectKey: 'abc.zip' } },
          },
        },
      }),
    );
    manifest[`${name}.assets`] = {
      type: 'cdk:asset-manifest',
      properties: { file: `${name}.assets.json` },
    };
    manifest[name] = {
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/unknown-region',
      properties: { templateFile: `${name}.template.json` },
      dependencies: [...needs, `${name}.assets`],
    };
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ artifacts: manifest }));
}

const deploy = async () => interpret(await readAssembly(folder, 'eu-west-1'), types);
const thing = (properties: object = {}, more: object = {}): object => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});

test('stacks come in the order they need, and exports cross them', async () => {
  await givenAssembly({
    App: {
      needs: ['Data'],
      resources: { A: thing({ Name: { 'Fn::ImportValue': 'Data:Out' } }) },
    },
    Data: {
      resources: { D: thing() },
      outputs: { O: { Value: { 'Fn::GetAtt': ['D', 'Arn'] }, Export: { Name: 'Data:Out' } } },
    },
  });

  const [data, app] = await deploy();

  expect(made).toEqual(['D', 'A']);
  expect(data?.outputs.get('O')).toBe('arn:D');
  expect(app?.resources.get('A')).toMatchObject({ type: 'Test::Thing', ref: 'arn:D' });
});

test('a resource comes after those it refers to or depends on', async () => {
  await givenAssembly({
    S: {
      resources: {
        Last: thing({ Name: { Ref: 'Middle' } }),
        Middle: thing({}, { DependsOn: 'First' }),
        First: thing(),
      },
    },
  });

  await deploy();

  expect(made).toEqual(['First', 'Middle', 'Last']);
});

test('a name that is made up stays the same', async () => {
  await givenAssembly({ S: { resources: { A: thing() } } });

  const [first] = await deploy();
  const [second] = await deploy();

  expect(first?.resources.get('A')?.ref).toMatch(/^S-A-[0-9a-f]{12}$/);
  expect(second?.resources.get('A')?.ref).toBe(first?.resources.get('A')?.ref);
});

test('an accepted property changes nothing', async () => {
  await givenAssembly({ S: { resources: { A: thing({ Name: 'a', Colour: { any: 1 } }) } } });

  expect((await deploy())[0]?.resources.get('A')?.ref).toBe('a');
});

test.each([
  [
    'a resource type it does not know',
    { resources: { B: { Type: 'Test::Other' }, A: thing() } },
    'stack S, resource B (Test::Other): the local run does not know resources of this type',
  ],
  [
    'a property it does not know',
    { resources: { A: thing({ Size: 1 }) } },
    'stack S, resource A (Test::Thing), property Size: the local run does not know this property',
  ],
  [
    'a nested property it does not know',
    { resources: { A: thing({ Nested: { Deep: 'x', Deeper: 1 } }) } },
    'stack S, resource A (Test::Thing), property Nested.Deeper: the local run does not know this property',
  ],
  [
    'a property of the wrong type',
    { resources: { A: thing({ Name: 1 }) } },
    'stack S, resource A (Test::Thing), property Name: ',
  ],
  [
    'an intrinsic it does not know',
    { resources: { A: thing({ Name: { 'Fn::Base64': 'x' } }) } },
    'stack S, resource A (Test::Thing), property Name: the local run does not know the intrinsic Fn::Base64',
  ],
  [
    'a resource attribute it does not know',
    { resources: { A: thing({}, { CreationPolicy: {} }) } },
    'CreationPolicy',
  ],
  [
    'a dependency on nothing',
    { resources: { A: thing({}, { DependsOn: ['Gone'] }) } },
    'stack S, resource A (Test::Thing), property DependsOn: there is no resource Gone',
  ],
  [
    'resources that need each other',
    { resources: { A: thing({ Name: { Ref: 'B' } }), B: thing({ Name: { Ref: 'A' } }) } },
    'stack S: these need each other: A -> B -> A',
  ],
  [
    'a template section it does not know',
    { resources: {}, more: { Conditions: { C: true } } },
    'Conditions',
  ],
  [
    'a resource that cannot be made',
    { resources: { A: thing({ Name: 'bad' }) } },
    'stack S, resource A (Test::Thing): could not be created: bad name',
  ],
] as [string, Sketch, string][])('refuses %s', async (_, stack, problem) => {
  await givenAssembly({ S: stack });

  await expect(deploy()).rejects.toThrow(problem);
});

test('nothing of a stack is made where a type of it is not known', async () => {
  await givenAssembly({ S: { resources: { A: thing(), B: { Type: 'Test::Other' } } } });

  await expect(deploy()).rejects.toThrow('Test::Other');
  expect(made).toEqual([]);
});

test('refuses an artifact it does not know', async () => {
  await givenAssembly({}, { Nested: { type: 'cdk:cloud-assembly' } });

  await expect(deploy()).rejects.toThrow('does not know artifacts of cdk:cloud-assembly');
});

test('assets are found by their object key', async () => {
  await givenAssembly({ S: { resources: {} } });
  await mkdir(join(folder, 'asset.abc'));

  const [stack] = await readAssembly(folder, 'eu-west-1');

  expect(stack?.assets.get('abc.zip')).toBe(join(folder, 'asset.abc'));
  expect(stack?.region).toBe('eu-west-1');
});
