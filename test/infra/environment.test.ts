import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import { declarations } from '../../infra/functions.ts';
import { readable, repository, type Resource, resourcesOf } from './synthesized.ts';

const { read } = vi.hoisted(() => ({ read: new Set<string>() }));

// Notes which of its variables a handler reads.
vi.mock('#shared/runtime/environment.ts', async (original) => {
  const actual = await original<typeof import('#shared/runtime/environment.ts')>();
  return {
    ...actual,
    environmentOf: (declaration: FunctionDeclaration) =>
      new Proxy<Record<string, string>>(actual.environmentOf(declaration), {
        get: (env, name) => {
          if (typeof name === 'string' && name in env) read.add(name);
          return Reflect.get(env, name) as unknown;
        },
      }),
  };
});

let resources: Resource[];
beforeAll(() => {
  resources = resourcesOf();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const given = (name: string): Record<string, string> => {
  const fn = resources.find(
    ({ type, properties }) =>
      type === 'AWS::Lambda::Function' && properties['FunctionName'] === `sender-domains-${name}`,
  );
  const { Variables: variables } = readable(fn?.properties['Environment']) as {
    Variables: Record<string, string>;
  };
  return variables;
};

const functions = (await declarations()).map(({ name, folder = name }) => [name, folder] as const);

describe('the variables of a function', () => {
  it.each(functions)('%s are all that it reads, and it reads all of them', async (name, folder) => {
    const variables = Object.entries(given(name)).filter(([key]) => !key.startsWith('POWERTOOLS_'));
    for (const [key, value] of variables) vi.stubEnv(key, value);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    // The template has a reference here, which is none of Cognito's ids.
    vi.stubEnv('USER_POOL_ID', 'eu-west-1_Example12');
    // The bundler puts it in.
    vi.stubGlobal('ROUTE_KEYS', '');
    read.clear();

    const module = (await import(join(repository, 'lambdas', folder, 'handler.ts'))) as object;

    expect(Object.keys(module)).toEqual(['handler']);
    expect([...read].sort()).toEqual(variables.map(([key]) => key).sort());
  });
});
