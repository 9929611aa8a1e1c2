import type { FoundRecordSet, Leftovers } from '../ports/leftovers.ts';
import { referencesOf, type Resource, retainedOf, type StackTemplate } from './template.ts';

/** A resource that a deleted stack kept, or would have kept. */
export interface Leftover {
  readonly stack: string;
  readonly logicalId: string;
  readonly resource: Resource;
  /** What CloudFormation imports it by: `{TableName: "..."}`; several where it is not known which. */
  readonly found: readonly Readonly<Record<string, string>>[];
  /** Why it cannot be used as it is. */
  readonly problem?: string;
}

/** A record set, which CloudFormation cannot import. */
export interface LeftRecordSet {
  readonly stack: string;
  readonly zoneId: string;
  readonly recordSet: FoundRecordSet;
}

export interface Found {
  readonly leftovers: readonly Leftover[];
  readonly recordSets: readonly LeftRecordSet[];
}

/** Letters of a stack and of a logical id that CloudFormation keeps at least in a bucket's name. */
const [STACK_LETTERS, LOGICAL_LETTERS] = [24, 10];

/**
 * Finds, in an account, each resource that the stacks keep when they are deleted.
 *
 * @throws Error on a type that has no way to be found here, so that none is forgotten
 */
export async function findLeftovers(
  stacks: readonly StackTemplate[],
  account: Leftovers,
): Promise<Found> {
  const leftovers: Leftover[] = [];
  const recordSets: LeftRecordSet[] = [];
  const zones = await zoneIds(stacks, account);
  for (const stack of stacks) {
    for (const [logicalId, resource] of retainedOf(stack.template)) {
      if (resource.Type === 'AWS::Route53::RecordSet') {
        const set = await recordSetOf(resource, zones, account);
        if (set !== undefined) recordSets.push({ stack: stack.name, ...set });
        continue;
      }
      const found = await find(stack, logicalId, resource, zones, account);
      leftovers.push({ stack: stack.name, logicalId, resource, ...found });
    }
  }
  return { leftovers, recordSets };
}

/** By logical id. */
type Zones = ReadonlyMap<string, readonly string[]>;

async function zoneIds(stacks: readonly StackTemplate[], account: Leftovers): Promise<Zones> {
  const ids = new Map<string, readonly string[]>();
  for (const { template } of stacks) {
    for (const [logicalId, { Type: type, Properties: properties }] of retainedOf(template)) {
      if (type !== 'AWS::Route53::HostedZone') continue;
      const zones = await account.zones([nameOf(properties?.['Name']).replace(/\.$/, '')]);
      ids.set(
        logicalId,
        zones.map(({ id }) => id),
      );
    }
  }
  return ids;
}

type What = Pick<Leftover, 'found' | 'problem'>;

const by = (key: string, values: readonly string[]): What => ({
  found: values.map((value) => ({ [key]: value })),
});

async function find(
  { name: stack, template }: StackTemplate,
  logicalId: string,
  { Type: type, Properties: properties = {} }: Resource,
  zones: Zones,
  account: Leftovers,
): Promise<What> {
  switch (type) {
    case 'AWS::DynamoDB::GlobalTable': {
      const name = nameOf(properties['TableName']);
      // Those after a prefix are listed, not that of the very name.
      const names = await account.tables(name.slice(0, -1));
      return by('TableName', names.includes(name) ? [name] : []);
    }
    case 'AWS::S3::Bucket': {
      const [ofStack, ofResource] = [
        stack.slice(0, STACK_LETTERS),
        `-${logicalId.slice(0, LOGICAL_LETTERS).toLowerCase()}`,
      ];
      const names = await account.buckets();
      return by(
        'BucketName',
        names.filter((name) => name.startsWith(ofStack) && name.includes(ofResource)),
      );
    }
    case 'AWS::KMS::Alias': {
      const alias = nameOf(properties['AliasName']);
      return by('AliasName', (await account.key(alias)) === undefined ? [] : [alias]);
    }
    case 'AWS::KMS::Key': {
      const key = await account.key(aliasOf(logicalId, template.Resources));
      if (key === undefined) return { found: [] };
      const found = [{ KeyId: key.id }];
      if (key.state === 'Enabled') return { found };
      return { found, problem: keyProblem(key) };
    }
    case 'AWS::Route53::HostedZone':
      return by('Id', zones.get(logicalId) ?? []);
    case 'AWS::Cognito::UserPool':
      return by('UserPoolId', await account.userPools(nameOf(properties['UserPoolName'])));
    default:
      throw new Error(`adopt does not know how to find ${logicalId}, a ${type}`);
  }
}

const keyProblem = ({ id, state }: { id: string; state: string }): string =>
  state === 'PendingDeletion'
    ? `KMS is to delete the key ${id}. Stop that now: aws kms cancel-key-deletion --key-id ${id} && aws kms enable-key --key-id ${id}`
    : `The key ${id} is ${state}: aws kms enable-key --key-id ${id}`;

function aliasOf(keyId: string, resources: Readonly<Record<string, Resource>>): string {
  const alias = Object.values(resources).find(
    ({ Type: type, Properties: properties }) =>
      type === 'AWS::KMS::Alias' && referencesOf(properties?.['TargetKeyId']).includes(keyId),
  );
  return nameOf(alias?.Properties?.['AliasName']);
}

async function recordSetOf(
  { Properties: properties = {} }: Resource,
  zones: Zones,
  account: Leftovers,
): Promise<Omit<LeftRecordSet, 'stack'> | undefined> {
  // A zone of another stack is named by its export, which has the zone's logical id in it.
  const zone = JSON.stringify(properties['HostedZoneId']);
  const [, ids = []] = [...zones].find(([logicalId]) => zone.includes(logicalId)) ?? [];
  const [name, type] = [nameOf(properties['Name']), nameOf(properties['Type'])];
  for (const zoneId of ids) {
    const recordSet = await account.recordSet(zoneId, name, type);
    if (recordSet !== undefined) return { zoneId, recordSet };
  }
  return undefined;
}

/** @throws Error where a name is not known before the deployment */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`adopt finds resources by fixed names, and this one is ${JSON.stringify(value)}`);
}
