import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { TemplateError } from './errors.ts';
import { topologicalOrder } from './order.ts';

/** A CloudFormation template, as far as it is read; anything beside these keys is an error. */
const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z
    .record(
      z.string(),
      z.strictObject({
        Type: z.string(),
        Default: z.string().optional(),
        Description: z.string().optional(),
      }),
    )
    .default({}),
  /** Assertions over parameters; CDK's own checks the version of the account's bootstrap stack, and there is none here. */
  Rules: z.strictObject({ CheckBootstrapVersion: z.unknown() }).optional(),
  Resources: z.record(
    z.string(),
    z.strictObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
      /** Nothing is ever deleted or replaced here: state goes when its folder goes. */
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
      Metadata: z.unknown().optional(),
    }),
  ),
  Outputs: z
    .record(
      z.string(),
      z.strictObject({
        Value: z.unknown(),
        Description: z.string().optional(),
        Export: z.strictObject({ Name: z.unknown() }).optional(),
      }),
    )
    .default({}),
});

export type Template = z.infer<typeof templateSchema>;

export interface Stack {
  readonly name: string;
  readonly region: string;
  readonly template: Template;
  /** The folder or file of each asset, by the object key that templates name it with. */
  readonly assets: ReadonlyMap<string, string>;
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      properties: z
        .object({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          file: z.string().optional(),
        })
        .optional(),
      dependencies: z.array(z.string()).default([]),
    }),
  ),
});

type Artifact = z.infer<typeof manifestSchema>['artifacts'][string];

const assetManifestSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string(), packaging: z.enum(['zip', 'file']) }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
  dockerImages: z.strictObject({}).default({}),
});

const STACK = 'aws:cloudformation:stack';
const ASSETS = 'cdk:asset-manifest';
/** Artifacts that say nothing about what is deployed. */
const BESIDE = new Set(['cdk:tree', 'cdk:feature-flag-report']);

/**
 * Reads the stacks of a cloud assembly (the folder that `cdk synth` writes), in the order they
 * would be deployed in.
 *
 * @param region of stacks that are synthesized without one
 * @throws Error on an artifact that is not known; TemplateError on a template section that is not
 */
export async function readAssembly(folder: string, region: string): Promise<Stack[]> {
  const { artifacts } = manifestSchema.parse(await readJson(join(folder, 'manifest.json')));
  const dependencies = new Map<string, ReadonlySet<string>>();
  for (const [id, { type, dependencies: needed }] of Object.entries(artifacts)) {
    if (BESIDE.has(type)) continue;
    if (type !== STACK && type !== ASSETS) {
      throw new Error(`${folder}/manifest.json: the local run does not know artifacts of ${type}`);
    }
    dependencies.set(id, new Set(needed));
  }
  const stacks: Stack[] = [];
  for (const id of topologicalOrder(dependencies)) {
    const artifact = artifacts[id];
    if (artifact?.type === STACK)
      stacks.push(await readStack(folder, id, artifact, artifacts, region));
  }
  return stacks;
}

async function readStack(
  folder: string,
  id: string,
  { environment, properties, dependencies }: Artifact,
  artifacts: Readonly<Record<string, Artifact>>,
  region: string,
): Promise<Stack> {
  const name = properties?.stackName ?? id;
  const file = join(folder, properties?.templateFile ?? `${id}.template.json`);
  const template = templateSchema.safeParse(await readJson(file));
  if (!template.success) {
    throw new TemplateError({ stack: name }, `${file}: ${z.prettifyError(template.error)}`);
  }
  const assets = new Map<string, string>();
  for (const dependency of dependencies) {
    const manifest = artifacts[dependency];
    if (manifest?.type !== ASSETS || manifest.properties?.file === undefined) continue;
    await readAssets(folder, manifest.properties.file, assets);
  }
  const [, ofStack = ''] = /^aws:\/\/[^/]+\/(.+)$/.exec(environment ?? '') ?? [];
  return {
    name,
    region: ofStack === '' || ofStack === 'unknown-region' ? region : ofStack,
    template: template.data,
    assets,
  };
}

async function readAssets(
  folder: string,
  file: string,
  assets: Map<string, string>,
): Promise<void> {
  const { files } = assetManifestSchema.parse(await readJson(join(folder, file)));
  for (const { source, destinations } of Object.values(files)) {
    for (const { objectKey } of Object.values(destinations)) {
      assets.set(objectKey, join(folder, source.path));
    }
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
