import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** What rights and variables are given to: a function, or a container with its role. */
export interface Grantee extends IConstruct {
  addToRolePolicy(statement: PolicyStatement): void;
  addEnvironment(name: string, value: string): unknown;
}

export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * Allows exactly these actions on exactly these resources.
 *
 * @param wildcard why a resource must be a pattern; cdk-nag refuses one without a reason
 */
export function allow(
  target: Grantee,
  { actions, resources, conditions }: Permission,
  wildcard?: string,
): void {
  target.addToRolePolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
  );
  if (wildcard === undefined) return;
  for (const resource of resources) {
    const finding = flatten(Stack.of(target).resolve(resource));
    if (!finding.includes('*')) continue;
    Validations.of(target.node.scope ?? target).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${finding}]`,
      reason: wildcard,
    });
  }
}

/** A resolved ARN as cdk-nag writes it in the id of a finding: `<Logical.Arn>/mail/*`. */
function flatten(arn: unknown): string {
  if (typeof arn === 'string') return arn;
  const { Ref: ref, ...functions } = arn as Record<string, unknown>;
  if (typeof ref === 'string') return `<${ref}>`;
  const [[name, argument]] = Object.entries(functions) as [[string, unknown[]]];
  if (name === 'Fn::ImportValue') return String(argument);
  if (name === 'Fn::GetAtt') return `<${argument.join('.')}>`;
  if (name === 'Fn::Join') return (argument[1] as unknown[]).map(flatten).join(String(argument[0]));
  throw new Error(`${JSON.stringify(arn)} is no ARN that a policy can name`);
}
