import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
import { type FunctionDeclaration, queuesOf } from '#shared/runtime/declaration.ts';
import { tables, type TableName } from '#shared/runtime/tables.ts';
import { declarations, functionFolders } from '../../infra/functions.ts';
import { grantsOf, list, type Resource, resourcesOf, type Statement } from './synthesized.ts';

const declared = await declarations();
let resources: Resource[];
beforeAll(() => {
  resources = resourcesOf();
});

const ofType = (type: string): Resource[] => resources.filter((one) => one.type === type);

describe('declarations', () => {
  it('are named after their folders', () => {
    expect(declared.map(({ name, folder = name }) => folder)).toEqual(functionFolders());
  });

  it('are found wherever a folder has a function.ts, so that one without a stack is missed', () => {
    const root = mkdtempSync(join(tmpdir(), 'functions-'));
    for (const name of ['planted', 'no-function'])
      mkdirSync(join(root, 'lambdas', name), { recursive: true });
    writeFileSync(join(root, 'lambdas/planted/function.ts'), '');

    expect(functionFolders(root)).toEqual(['planted']);
    rmSync(root, { recursive: true });
  });

  it('are each made in exactly one stack', () => {
    const made = ofType('AWS::Lambda::Function').map(nameOf);

    expect(made.sort()).toEqual(declared.map(({ name }) => name).sort());
  });

  it('send to queues that exactly one function declares to consume', () => {
    const consumed = declared.flatMap(({ wokenBy }) => queuesOf(wokenBy).map(({ name }) => name));
    const sentTo = new Set(declared.flatMap(({ sendsTo = [] }) => sendsTo));

    expect(new Set(consumed).size).toBe(consumed.length);
    expect([...sentTo].filter((queue) => !consumed.includes(queue))).toEqual([]);
  });

  it('of functions of the API are those that routes name, the authorizer, and preflight', () => {
    const named = new Set(Object.values<Route>(routes).map((route) => route.function));
    const api = declared.flatMap(({ name, wokenBy }) => ('api' in wokenBy ? [name] : []));

    expect(api).toEqual([...named, 'authorizer', 'preflight'].sort());
  });
});

const tableNames = Object.keys(tables) as TableName[];
const nameOf = ({ properties }: Resource): string =>
  String(properties['FunctionName']).replace('sender-domains-', '');

/** The name, after the deployment's, of the queue that a function's policy means by an ARN. */
function queueNameOf(arn: string, name: string): string {
  const fn = ofType('AWS::Lambda::Function').find((one) => nameOf(one) === name);
  const [, local] = /^<(\w+)\.Arn>$/.exec(arn) ?? [];
  const [, imported] = /FnGetAtt(\w+)Arn/.exec(arn) ?? [];
  const queue = ofType('AWS::SQS::Queue').find(
    ({ id, stack }) => id === imported || (id === local && stack === fn?.stack),
  );
  return String(queue?.properties['QueueName']).replace(/^sender-domains-|\.fifo$/g, '');
}
const tableOf = (arn: string): TableName => {
  const [, id = ''] = /FnGetAtt(\w+)Table/.exec(arn) ?? [];
  const found = tableNames.find((name) => name.toLowerCase() === id.toLowerCase());
  if (found === undefined) throw new Error(`${arn} is no table`);
  return found;
};

const sorted = (rights: Iterable<string>): string[] => [...new Set(rights)].toSorted();
const onService = (statements: readonly Statement[], prefix: string) =>
  statements.flatMap(({ Action: action, Resource: resource }) =>
    list(resource).flatMap((arn) =>
      list(action)
        .filter((one) => one.startsWith(prefix))
        .map((one) => ({ action: one.slice(prefix.length), arn })),
    ),
  );

describe.each(declared.map((one) => [one.name, one] as const))('the rights of %s', (name, one) => {
  const grants = () => grantsOf(resources, name);

  it('on tables are those declared', () => {
    const granted = onService(grants(), 'dynamodb:')
      .filter(({ arn }) => !arn.includes('StreamArn'))
      .map(({ action, arn }) => {
        const [, index] = /\/index\/(\w+)$/.exec(arn) ?? [];
        return `${tableOf(arn)}: ${action}${index === undefined ? '' : ` ${index}`}`;
      });
    const wanted = Object.entries(one.tables ?? {}).flatMap(([table, uses]) =>
      uses.map((use) => `${table}: ${use}`),
    );

    expect(sorted(granted)).toEqual(sorted(wanted));
  });

  it('on queues are to send where declared, and to receive from its own', () => {
    // The monitor counts the messages of other functions' queues (invariants.test.ts).
    const others = name === 'monitor' ? ['GetQueueUrl', 'GetQueueAttributes'] : [];
    const granted = onService(grants(), 'sqs:')
      .filter(({ action }) => !others.includes(action))
      .map(({ action, arn }) => `${action} ${queueNameOf(arn, name)}`);

    expect(sorted(granted)).toEqual(sorted(wantedOnQueues(one)));
  });

  it('on the bus are to put events, where declared', () => {
    expect(onService(grants(), 'events:').map(({ action }) => action)).toEqual(
      one.putsEvents ? ['PutEvents'] : [],
    );
  });

  it('on streams are to read the one declared', () => {
    const streams = onService(grants(), 'dynamodb:')
      .filter(({ arn }) => arn.includes('StreamArn'))
      .map(({ arn }) => tableOf(arn));

    expect(sorted(streams)).toEqual('stream' in one.wokenBy ? [one.wokenBy.stream] : []);
  });
});

const to = (queue: string, ...actions: string[]) => actions.map((one) => `${one} ${queue}`);

function wantedOnQueues({ name, wokenBy, sendsTo = [] }: FunctionDeclaration): string[] {
  const failures = `${name}-failures`;
  return [
    ...sendsTo.flatMap((queue) => to(queue, 'SendMessage')),
    ...('schedules' in wokenBy ? to(failures, 'SendMessage') : []),
    // By its role Lambda puts there what it failed on.
    ...('topic' in wokenBy ? to(wokenBy.queue.name, 'SendMessage') : []),
    // CDK's grant for the failures of a stream.
    ...('stream' in wokenBy
      ? to(failures, 'SendMessage', 'GetQueueAttributes', 'GetQueueUrl')
      : []),
    ...queuesOf(wokenBy).flatMap((queue) =>
      to(queue.name, 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'),
    ),
  ];
}

const byName = (one: unknown[], other: unknown[]): number =>
  String(one[0]).localeCompare(String(other[0]));

it('functions run as long and with as much memory as declared', () => {
  const found = ofType('AWS::Lambda::Function').map((one) => [
    nameOf(one),
    one.properties['Timeout'],
    one.properties['MemorySize'],
  ]);
  const wanted = declared.map(({ name, timeout = 30, memory = 256 }) => [name, timeout, memory]);

  expect(found.toSorted(byName)).toEqual(wanted.toSorted(byName));
});
