import type { App } from './app.ts';
import { functionsOf, mappingsOf, type Right, rightsOf } from './lambda.ts';
import { code, type Table } from './markdown.ts';

/** Actions that every function of its kind has: its log, its queue, its stream, the queue of its failures. */
const COMMON =
  /^(logs|sqs):|^events:PutEvents$|^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/;

/** Tables each function's time-out, size and the permissions of its role. */
export const functionRights = (app: App): Table => ({
  columns: ['function', 'timeout', 'memory', 'batch', 'at once', 'tables', 'other rights'],
  rows: functionsOf(app).map(([name, found]) => {
    const { Timeout: timeout, MemorySize: memory } = found.properties;
    const mapping = mappingsOf(app, found)[0]?.properties as Mapping | undefined;
    const rights = rightsOf(app, found).filter(({ action }) => !COMMON.test(action));
    return [
      code(name),
      `${String(timeout)} s`,
      `${String(memory)} MB`,
      String(mapping?.BatchSize ?? ''),
      String(mapping?.ScalingConfig?.MaximumConcurrency ?? ''),
      byResource(rights.filter(isOfTable), (on) => tableOf(app, on)),
      byResource(
        rights.filter((right) => !isOfTable(right)),
        (on) => resourceOf(app, on),
      ),
    ];
  }),
});

interface Mapping {
  readonly BatchSize?: number;
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number };
}

const isOfTable = ({ action }: Right): boolean => action.startsWith('dynamodb:');

/** `claims: GetItem, Query`, a line for each resource. */
function byResource(rights: readonly Right[], name: (on: string) => string): string {
  const grouped = Object.groupBy(rights, ({ on }) => name(on));
  return Object.entries(grouped)
    .map(([on, found = []]) => {
      const actions = found
        .map(
          ({ action, isConditional }) => `${action}${isConditional ? ' (under conditions)' : ''}`,
        )
        .map((action) => action.replace('dynamodb:', ''))
        .toSorted();
      return `${code(on)}: ${actions.join(', ')}`;
    })
    .toSorted()
    .join('<br>');
}

const tableOf = (app: App, on: string): string => {
  const [, index] = /\/index\/(.+)$/.exec(on) ?? [];
  return index === undefined ? app.named(on) : `${app.named(on)}, index ${index}`;
};

/** An ARN without its region and account, which say nothing here. */
function resourceOf(app: App, on: string): string {
  const text = app.readable(on).replace(/^arn:aws:[a-z0-9-]+:[a-z0-9-]*:[^:]*(::[^:]*)?:/, '');
  return app.referred(on)?.type === 'AWS::S3::Bucket' ? `bucket ${text}` : text;
}
