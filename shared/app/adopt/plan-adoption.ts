import type { Found, Leftover, LeftRecordSet } from './find-leftovers.ts';
import { importable, type Template } from './template.ts';

/** What CloudFormation's import takes for one stack. */
export interface StackImport {
  readonly stack: string;
  readonly template: Template;
  readonly resources: readonly ResourceToImport[];
}

export interface ResourceToImport {
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly ResourceIdentifier: Readonly<Record<string, string>>;
}

export interface Adoption {
  readonly imports: readonly StackImport[];
  readonly recordSets: readonly LeftRecordSet[];
  /** What nobody left, so that the deployment makes it: `sender-domains-data RotationsTable...`. */
  readonly missing: readonly string[];
  /** What has to be decided or done before; nothing must be imported until then. */
  readonly problems: readonly string[];
}

/**
 * Plans how what was left comes under new stacks.
 *
 * @param taken names or ids, where several were found for one resource
 */
export function planAdoption(
  { leftovers, recordSets }: Found,
  taken: readonly string[] = [],
): Adoption {
  const chosen = leftovers.map((leftover) => ({ ...leftover, found: choose(leftover, taken) }));
  const there = chosen.filter(({ found }) => found.length === 1);
  const stacks = [...new Set(there.map(({ stack }) => stack))];
  return {
    imports: stacks.map((stack) => importOf(stack, there)),
    recordSets,
    missing: chosen
      .filter(({ found }) => found.length === 0)
      .map(({ stack, logicalId }) => `${stack} ${logicalId}`),
    problems: [...chosen.flatMap(problemsOf), ...lostKeys(chosen)],
  };
}

function choose({ found }: Leftover, taken: readonly string[]): Leftover['found'] {
  const named = found.filter((one) => Object.values(one).some((value) => taken.includes(value)));
  return named.length === 1 ? named : found;
}

function importOf(stack: string, there: readonly Leftover[]): StackImport {
  const own = there.filter((leftover) => leftover.stack === stack);
  const ids = new Set(own.map(({ logicalId }) => logicalId));
  return {
    stack,
    template: {
      Resources: Object.fromEntries(
        own.map(({ logicalId, resource }) => [logicalId, importable(resource, ids)]),
      ),
    },
    resources: own.map(({ logicalId, resource, found }) => ({
      ResourceType: resource.Type,
      LogicalResourceId: logicalId,
      ResourceIdentifier: found[0] ?? {},
    })),
  };
}

function problemsOf({ stack, logicalId, found, problem }: Leftover): readonly string[] {
  if (problem !== undefined) return [problem];
  if (found.length < 2) return [];
  const values = found.flatMap((one) => Object.values(one));
  return [
    `${stack} ${logicalId} may be any of ${values.join(', ')}. Take the one that the last deployment used: --take ${values[0]}`,
  ];
}

/** A key that is gone while there are tables stops all: nothing opens what it wrapped. */
function lostKeys(leftovers: readonly Leftover[]): readonly string[] {
  const hasTables = leftovers.some(
    ({ resource, found }) => resource.Type === 'AWS::DynamoDB::GlobalTable' && found.length > 0,
  );
  if (!hasTables) return [];
  return leftovers
    .filter(({ resource, found }) => resource.Type === 'AWS::KMS::Key' && found.length === 0)
    .map(
      ({ stack, logicalId }) =>
        `${stack} ${logicalId} was not found by its alias, and the tables hold what it sealed: a new key opens none of it. Give the alias back to the old key (aws kms create-alias), also where KMS is to delete it (aws kms cancel-key-deletion).`,
    );
}
