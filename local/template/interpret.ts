import type * as z from 'zod';
import type { Stack, Template } from './assembly.ts';
import { TemplateError, type Place } from './errors.ts';
import { evaluate, references, type Scope } from './intrinsics.ts';
import { topologicalOrder } from './order.ts';
import { generatedName, type Created, type ResourceTypes } from './resource-type.ts';

/** The account that the stand-ins put in their ARNs. */
export const ACCOUNT = '000000000000';

/** The result of a stack. */
export interface Deployed {
  readonly stack: string;
  readonly resources: ReadonlyMap<string, Created & { readonly type: string }>;
  readonly outputs: ReadonlyMap<string, unknown>;
}

/**
 * Creates what the stacks declare, as CloudFormation would: stack after stack, and within one each
 * resource as soon as those it refers to are there.
 *
 * @throws TemplateError on a resource type, property or intrinsic that is not known, before
 *   anything of its stack is created where it is a type, else when the resource's turn comes
 */
export async function interpret(
  stacks: readonly Stack[],
  types: ResourceTypes,
): Promise<Deployed[]> {
  const exports = new Map<string, unknown>();
  const deployed: Deployed[] = [];
  for (const stack of stacks) deployed.push(await interpretStack(stack, types, exports));
  return deployed;
}

async function interpretStack(
  stack: Stack,
  types: ResourceTypes,
  exports: Map<string, unknown>,
): Promise<Deployed> {
  const { Resources, Outputs } = stack.template;
  for (const [logicalId, { Type }] of Object.entries(Resources)) {
    if (types[Type] === undefined) {
      throw new TemplateError(
        { stack: stack.name, logicalId, type: Type },
        'the local run does not know resources of this type',
      );
    }
  }
  const dependencies = dependenciesOf(stack);
  const created = new Map<string, Created & { type: string }>();
  const scope = scopeOf(stack, created, exports);
  const underWay = new Map<string, Promise<void>>();
  for (const logicalId of creationOrder(stack.name, dependencies)) {
    underWay.set(
      logicalId,
      (async () => {
        const needed = dependencies.get(logicalId) ?? new Set();
        await Promise.all([...needed].map((name) => underWay.get(name) ?? Promise.resolve()));
        created.set(logicalId, await createResource(stack, logicalId, types, scope));
      })(),
    );
  }
  await allSettled([...underWay.values()]);
  const outputs = new Map<string, unknown>();
  for (const [name, { Value, Export }] of Object.entries(Outputs)) {
    const place: Place = { stack: stack.name, property: `Outputs.${name}` };
    const value = evaluate(Value, scope, place);
    outputs.set(name, value);
    if (Export) exports.set(String(evaluate(Export.Name, scope, place)), value);
  }
  return { stack: stack.name, resources: created, outputs };
}

/** Waits for all, then throws the first failure that is not the consequence of another. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const failures = (await Promise.allSettled(promises)).filter(
    (result): result is PromiseRejectedResult => result.status === 'rejected',
  );
  if (failures.length > 0) throw failures[0]?.reason;
}

function creationOrder(
  stack: string,
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  try {
    return topologicalOrder(dependencies);
  } catch (error) {
    throw new TemplateError({ stack }, (error as Error).message, { cause: error });
  }
}

function dependenciesOf({ name, template }: Stack): Map<string, Set<string>> {
  const dependencies = new Map<string, Set<string>>();
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const needed = references(resource.Properties);
    for (const other of [resource.DependsOn ?? []].flat()) {
      if (!(other in template.Resources)) {
        throw new TemplateError(
          { stack: name, logicalId, type: resource.Type, property: 'DependsOn' },
          `there is no resource ${other}`,
        );
      }
      needed.add(other);
    }
    dependencies.set(logicalId, needed);
  }
  return dependencies;
}

async function createResource(
  stack: Stack,
  logicalId: string,
  types: ResourceTypes,
  scope: Scope,
): Promise<Created & { type: string }> {
  const { Type: type, Properties } = stack.template.Resources[
    logicalId
  ] as Template['Resources'][string];
  const place: Place = { stack: stack.name, logicalId, type };
  const definition = types[type] as ResourceTypes[string];
  const parsed = definition.schema.safeParse(evaluate(Properties, scope, place));
  if (!parsed.success) throw propertyError(place, parsed.error);
  try {
    const made = await definition.create({
      place,
      stack,
      logicalId,
      properties: parsed.data,
      generatedName: (length) => generatedName(stack.name, logicalId, length),
    });
    return { ...made, type };
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError(place, `could not be created: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function propertyError(place: Place, error: z.ZodError): TemplateError {
  const [issue] = error.issues;
  if (issue === undefined) return new TemplateError(place, error.message);
  if (issue.code === 'unrecognized_keys') {
    const property = [...issue.path, issue.keys[0]].join('.');
    return new TemplateError({ ...place, property }, 'the local run does not know this property');
  }
  return new TemplateError({ ...place, property: issue.path.join('.') }, issue.message);
}

function scopeOf(
  { name, region, template }: Stack,
  created: ReadonlyMap<string, Created>,
  exports: ReadonlyMap<string, unknown>,
): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackName': name,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${name}/local`,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return {
    ref: (target) =>
      pseudo[target] ?? created.get(target)?.ref ?? template.Parameters[target]?.Default,
    attribute: (logicalId, attribute) => created.get(logicalId)?.attributes?.[attribute],
    imported: (exported) => exports.get(exported),
  };
}
