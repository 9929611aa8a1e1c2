import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { buildApp } from '../../infra/app.ts';

export const repository = resolve(import.meta.dirname, '../..');

/** The context of cdk.json, which the CLI would hand to the app. */
export const cdkContext = (
  JSON.parse(readFileSync(join(repository, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  }
).context;

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Record<string, unknown>;
  readonly deletionPolicy: string | undefined;
}

/** Options of `sender-domains` in cdk.json. */
type Options = Record<string, unknown>;

/**
 * The app as cdk.json configures it, with these options instead of its own. All that can be
 * switched on is on unless they say otherwise. It has no bundles, so that no handler is needed.
 *
 * @param outdir folder where it is synthesized
 */
function givenApp(outdir: string, options: Options = {}): App {
  return buildApp(
    {},
    {
      context: {
        ...cdkContext,
        'sender-domains': {
          rotation: { disclosure: true },
          smtp: { enabled: true },
          canary: { tenant: `t_${'a'.repeat(26)}`, from: 'canary@example.com' },
          ...options,
        },
        'aws:cdk:bundling-stacks': [],
        '@aws-cdk/core:validationReportPrettyPrint': false,
      },
      outdir,
    },
  );
}

interface Template {
  readonly Resources: Record<
    string,
    { Type: string; Properties?: Record<string, unknown>; DeletionPolicy?: string }
  >;
}

export interface SynthesizedStack {
  readonly id: string;
  readonly stackName: string;
  readonly terminationProtection: boolean;
  readonly template: Template;
}

export interface Synthesized {
  /** Values that only a deployed account knows. */
  readonly missing: readonly unknown[];
  readonly stacks: readonly SynthesizedStack[];
}

/**
 * Synthesizes the app again.
 *
 * @param plant adds to it before
 * @throws Error with every finding of the validation
 */
export function synthesize(
  options: Options = {},
  plant: (app: App) => void = () => {},
): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  try {
    const app = givenApp(outdir, options);
    plant(app);
    const { stacks, manifest } = app.synth();
    return {
      missing: manifest.missing ?? [],
      // Read at once, since the files go.
      stacks: stacks.map(({ id, stackName, terminationProtection = false, template }) => ({
        id,
        stackName,
        terminationProtection,
        template: template as Template,
      })),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const known = new Map<string, string>();

/**
 * The app with these options, synthesized once for all tests of a process, of which each gets a copy
 * of its own.
 */
export function synthesized(options: Options = {}): Synthesized {
  const key = JSON.stringify(options);
  const found = known.get(key) ?? JSON.stringify(synthesize(options));
  known.set(key, found);
  return JSON.parse(found) as Synthesized;
}

export const stacksOf = (options: Options = {}): readonly SynthesizedStack[] =>
  synthesized(options).stacks;

/** Every resource of every stack of the app with these options. */
export function resourcesOf(options: Options = {}): Resource[] {
  return stacksOf(options).flatMap(({ id: stack, template }) =>
    Object.entries(template.Resources).map(([id, resource]) => ({
      stack,
      id,
      type: resource.Type,
      properties: resource.Properties ?? {},
      deletionPolicy: resource.DeletionPolicy,
    })),
  );
}

/**
 * Replaces intrinsic functions by a readable text, so that ARNs can be compared: `Ref` and
 * `Fn::GetAtt` become `<Id>` and `<Id.Attribute>`, an import the name of what it imports.
 */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1) {
    if (name === 'Ref') return `<${String(argument)}>`;
    if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
    if (name === 'Fn::ImportValue') return `<import ${String(argument)}>`;
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      const list = readable(parts);
      return (Array.isArray(list) ? list : [list]).join(separator);
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, readable(item)]));
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export const list = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** Every statement of every policy, of roles and of resources, with its place. */
export function statementsOf(
  resources: readonly Resource[],
): { readonly in: Resource; readonly statement: Statement }[] {
  const documents = ['PolicyDocument', 'KeyPolicy', 'AssumeRolePolicyDocument'];
  return resources.flatMap((resource) =>
    documents
      .flatMap((name) => resource.properties[name] ?? [])
      .flatMap((document) => (document as { Statement: Statement[] }).Statement)
      .map((statement) => ({ in: resource, statement: readable(statement) as Statement })),
  );
}

/** The statements of a function's role. */
export function grantsOf(resources: readonly Resource[], name: string): Statement[] {
  const role = resources.find(
    ({ type, properties }) =>
      type === 'AWS::IAM::Role' && String(properties['RoleName']).endsWith(`-1-${name}`),
  );
  if (role === undefined) throw new Error(`there is no role of the function ${name}`);
  return statementsOf(resources)
    .filter(
      ({ in: { type, stack, properties } }) =>
        type === 'AWS::IAM::Policy' &&
        stack === role.stack &&
        (readable(properties['Roles']) as string[]).includes(`<${role.id}>`),
    )
    .map(({ statement }) => statement);
}

/** As many shards, and names as long, as the configuration allows, where SES is. */
export function longestOptions(): Record<string, unknown> {
  const label = 'x'.repeat(60);
  return {
    name: `n${'x'.repeat(23)}`,
    region: 'ap-southeast-2',
    shards: 200,
    zone: `${label}.${label}.${label}.example`,
    // A certificate's name is shorter than the longest zone.
    smtp: { enabled: false },
    reports: {
      reporters: Array.from({ length: 90 }, (_, index) => `dmarc@reporter-${index}.com`),
    },
    outbound: {
      unsignedAllowed: Array.from({ length: 30 }, (_, index) => `unsigned-${index}.example.com`),
    },
  };
}
