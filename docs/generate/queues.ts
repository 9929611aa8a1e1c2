import type { App, Resource } from './app.ts';
import { letters, messages } from './declared.ts';
import { sendsTo } from './functions.ts';
import { functionsOf, mappingsOf, refersTo } from './lambda.ts';
import { code, type Table } from './markdown.ts';

interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

const byName = (app: App): [string, Resource][] =>
  app
    .ofType('AWS::SQS::Queue')
    .map((queue): [string, Resource] => [app.nameOf(queue), queue])
    .toSorted(([a], [b]) => a.localeCompare(b));

const redriveOf = ({ properties }: Resource) => properties['RedrivePolicy'] as Redrive | undefined;

/** The queues that functions consume. */
export const queues = (app: App): Table => ({
  columns: [
    'queue',
    'filled by',
    'read by',
    'visibility timeout',
    'kept for',
    'dead letters',
    'message',
  ],
  rows: byName(app).flatMap(([name, queue]) => {
    const redrive = redriveOf(queue);
    if (redrive === undefined) return [];
    const { VisibilityTimeout: seconds, MessageRetentionPeriod: retention } = queue.properties;
    return [
      [
        code(name),
        fillersOf(app, name, queue).join(', '),
        readersOf(app, queue).map(code).join(', '),
        `${String(seconds)} s`,
        days(retention),
        `${code(app.named(redrive.deadLetterTargetArn))} after ${redrive.maxReceiveCount} receives`,
        messages.get(name) ?? '',
      ],
    ];
  }),
});

/** The queues that people empty: what could not be done, and the alarm's urgency. */
export const deadLetters = (app: App): Table => ({
  columns: ['queue `<name>-...`', 'of', 'kept for', 'alarm', 'what waits', 'what to do, and when'],
  rows: byName(app).flatMap(([name, queue]) => {
    if (redriveOf(queue) !== undefined) return [];
    return [
      [
        code(name),
        originsOf(app, queue).join(', '),
        days(queue.properties['MessageRetentionPeriod']),
        urgencyOf(app, queue),
        letters.get(name)?.waits ?? '',
        letters.get(name)?.remedy ?? '',
      ],
    ];
  }),
});

const days = (seconds: unknown): string => `${Number(seconds) / 86_400} days`;

const readersOf = (app: App, queue: Resource): string[] =>
  functionsOf(app).flatMap(([name, target]) =>
    mappingsOf(app, target).some(({ properties }) =>
      refersTo(app, properties['EventSourceArn'], queue),
    )
      ? [name]
      : [],
  );

function fillersOf(app: App, name: string, queue: Resource): string[] {
  return [
    ...functionsOf(app)
      .filter(([, found]) => sendsTo(app, found).includes(code(name)))
      .map(([sender]) => code(sender)),
    ...rulesTo(app, 'Arn', queue),
    ...functionsOf(app)
      .filter(([, found]) => hasFailuresIn(app, found, queue))
      .map(([failing]) => `failed calls of ${code(failing)}`),
    ...app
      .ofType('AWS::SNS::Subscription')
      .filter(({ properties }) => refersTo(app, properties['Endpoint'], queue))
      .map(({ properties }) => `topic ${code(app.named(properties['TopicArn']))}`),
  ];
}

interface RuleTarget {
  readonly Arn: string;
  readonly DeadLetterConfig?: { readonly Arn: string };
}

const rulesTo = (app: App, end: 'Arn' | 'DeadLetterConfig', queue: Resource): string[] =>
  app
    .ofType('AWS::Events::Rule')
    .flatMap((rule) =>
      (rule.properties['Targets'] as RuleTarget[])
        .filter(({ Arn: arn, DeadLetterConfig: failed }) =>
          refersTo(app, end === 'Arn' ? arn : failed?.Arn, queue),
        )
        .map(() => `EventBridge rule ${code(app.nameOf(rule))}`),
    );

/** Returns the sources of a queue's failures: a queue, a function, a rule, a subscription. */
function originsOf(app: App, letters: Resource): string[] {
  const named = (resources: readonly Resource[], word: string): string[] =>
    resources.map((resource) => `${word} ${code(app.nameOf(resource))}`);
  return [
    ...named(
      app
        .ofType('AWS::SQS::Queue')
        .filter((queue) => refersTo(app, redriveOf(queue)?.deadLetterTargetArn, letters)),
      'queue',
    ),
    ...named(
      app.ofType('AWS::Lambda::Function').filter((found) => hasFailuresIn(app, found, letters)),
      'function',
    ),
    ...rulesTo(app, 'DeadLetterConfig', letters),
    ...rulesTo(app, 'Arn', letters),
    ...app
      .ofType('AWS::SNS::Subscription')
      .filter(({ properties }) =>
        refersTo(
          app,
          (properties['RedrivePolicy'] as Redrive | undefined)?.deadLetterTargetArn,
          letters,
        ),
      )
      .map(({ properties }) => `topic ${code(app.named(properties['TopicArn']))}`),
  ];
}

function hasFailuresIn(app: App, found: Resource, letters: Resource): boolean {
  const own = found.properties['DeadLetterConfig'] as { TargetArn: string } | undefined;
  const ofStream = mappingsOf(app, found).map(
    ({ properties }) =>
      (properties['DestinationConfig'] as { OnFailure: { Destination: string } } | undefined)
        ?.OnFailure.Destination,
  );
  return [own?.TargetArn, ...ofStream].some((arn) => refersTo(app, arn, letters));
}

/** The urgency of its own alarm; what has none, `monitor` counts. */
function urgencyOf(app: App, queue: Resource): string {
  const own = app
    .ofType('AWS::CloudWatch::Alarm')
    .filter(({ properties }) =>
      ((properties['Dimensions'] ?? []) as { Value: string }[]).some(({ Value: value }) =>
        refersTo(app, value, queue),
      ),
    )
    .flatMap(({ properties }) => properties['AlarmActions'] as string[])
    .map((topic) => app.named(topic));
  return own.length === 0 ? 'routine, hourly' : own.join(', ');
}
