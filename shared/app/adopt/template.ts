/** A template of CloudFormation, as far as an import needs it. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A stack as the CDK synthesized it. */
export interface StackTemplate {
  readonly name: string;
  readonly template: Template;
}

/** Finds the resources that stay when their stack is deleted, by logical id. */
export const retainedOf = ({ Resources: resources }: Template): readonly [string, Resource][] =>
  Object.entries(resources).filter(([, { DeletionPolicy: policy = '' }]) =>
    policy.startsWith('Retain'),
  );

/**
 * Finds what a value refers to: logical ids, and `import` for what another stack exports.
 * Pseudo parameters (`AWS::AccountId`) are everywhere, and left out.
 */
export function referencesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): readonly string[] => {
    if (key === 'Ref') return String(inner).startsWith('AWS::') ? [] : [String(inner)];
    if (key === 'Fn::GetAtt') return [String([inner].flat()[0]).split('.')[0] ?? ''];
    if (key === 'Fn::ImportValue') return ['import'];
    if (key === 'Fn::Sub') return subReferences([inner].flat()[0]);
    return referencesOf(inner);
  });
}

const subReferences = (text: unknown): readonly string[] =>
  [...String(text).matchAll(/\$\{([^!.:}]+)(?:\.[^}]*)?\}/g)].map(([, id = '']) => id);

/**
 * Leaves out of a resource the properties that refer to what is not imported with it; the deployment
 * after the import sets them.
 */
export function importable(resource: Resource, imported: ReadonlySet<string>): Resource {
  const { Type, Properties: properties = {}, DeletionPolicy, UpdateReplacePolicy } = resource;
  const kept = Object.entries(properties).filter(([, value]) =>
    referencesOf(value).every((id) => imported.has(id)),
  );
  return {
    Type,
    Properties: Object.fromEntries(kept),
    ...(DeletionPolicy !== undefined && { DeletionPolicy }),
    ...(UpdateReplacePolicy !== undefined && { UpdateReplacePolicy }),
  };
}
