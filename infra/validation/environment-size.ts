import { type App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '../config.ts';
import { configured, type ConfiguredSetting } from '../settings.ts';

/** Octets that the variables of a function may have, as JSON (docs.aws.amazon.com/lambda: quotas). */
const LIMIT = 4_096;
const ACCOUNT = '123456789012';
/** The longest of the ids and ARNs that only a deployment knows: bucket names have 63 characters. */
const UNKNOWN = 'x'.repeat(100);

/**
 * Finds functions whose variables Lambda would refuse at the deployment. References count as long as
 * what they will be, or longer.
 *
 * @returns a sentence for each setting that takes most of the room, with the function of most octets
 */
export function oversizedEnvironments(app: App, config: Config): string[] {
  const resources = app.node.findAll().filter((node) => node instanceof CfnResource);
  const byId = Map.groupBy(resources, (resource) => idOf(resource));
  const oversized = resources
    .filter((resource) => resource instanceof CfnFunction)
    .map((fn) => measured(fn, byId, config))
    .filter(({ octets }) => octets > LIMIT)
    .toSorted((a, b) => a.octets - b.octets);
  const worst = new Map(oversized.map((each) => [each.option, each]));
  return [...worst.values()].map(
    ({ option, name, octets }) =>
      `${option}: too much for the function ${name}, whose variables would have ${octets.toLocaleString('en')} octets of the ${LIMIT.toLocaleString('en')} that Lambda takes; give less.`,
  );
}

interface Measured {
  /** The function's. */
  readonly name: string;
  readonly octets: number;
  /** The option that its largest variable is made of. */
  readonly option: string;
}

function measured(
  fn: CfnFunction,
  byId: ReadonlyMap<string, readonly CfnResource[]>,
  config: Config,
): Measured {
  const { variables = {} } = (Stack.of(fn).resolve(fn.environment) ?? {}) as {
    variables?: Record<string, unknown>;
  };
  const texts = Object.entries(variables).map(
    ([name, value]) => [name, textOf(value, byId, config)] as const,
  );
  const [largest] = texts
    .filter(([name]) => name in configured)
    .toSorted(([, a], [, b]) => b.length - a.length);
  return {
    name: String(fn.functionName),
    octets: Buffer.byteLength(JSON.stringify(Object.fromEntries(texts))),
    option: largest === undefined ? 'name' : configured[largest[0] as ConfiguredSetting].option,
  };
}

const idOf = (resource: CfnResource): string =>
  String(Stack.of(resource).resolve(resource.logicalId));

/** The text of a resolved value at its longest. */
function textOf(
  value: unknown,
  byId: ReadonlyMap<string, readonly CfnResource[]>,
  config: Config,
): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value as object) as [[string, unknown]];
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => textOf(part, byId, config)).join(separator);
  }
  if (name !== 'Ref') return UNKNOWN;
  if (argument === 'AWS::AccountId') return ACCOUNT;
  const texts = (byId.get(String(argument)) ?? []).map((resource) => refOf(resource, config));
  return texts.toSorted((a, b) => b.length - a.length)[0] ?? UNKNOWN;
}

function refOf(resource: CfnResource, { region }: Config): string {
  if (resource instanceof CfnQueue) {
    return `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${String(resource.queueName)}`;
  }
  if (resource instanceof CfnGlobalTable) return String(resource.tableName);
  return UNKNOWN;
}
