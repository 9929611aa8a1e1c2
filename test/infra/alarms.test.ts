import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { declarations } from '../../infra/functions.ts';
import { readable, repository, type Resource, resourcesOf } from './synthesized.ts';

const functionNames = (await declarations()).map(({ name }) => name);

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: string[];
  readonly TreatMissingData: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: { Name: string; Value: string }[];
}

let resources: Resource[];
let alarms: AlarmProperties[];

beforeAll(() => {
  resources = resourcesOf({ alarms: { email: 'operator@example.com' } });
  alarms = resources
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ properties }) => readable(properties) as AlarmProperties)
    // One without a name starts a scaling policy, and wakes nobody.
    .filter(({ AlarmName: name }) => name !== undefined);
});

/** The anchors of the runbook's articles, as a heading's link is made: lower case, hyphens for spaces. */
const anchors = (): string[] =>
  readFileSync(join(repository, 'docs/operate.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('## '))
    .map((line) => line.slice(3).toLowerCase().replaceAll(' ', '-'));

const linked = ({ AlarmDescription: description }: AlarmProperties): string | undefined =>
  /docs\/operate\.md#([a-z-]+)$/.exec(description)?.[1];

/** The alarms on a metric of Lambda. */
const onLambda = (metric: string) =>
  alarms.filter(
    ({ Namespace: namespace, MetricName: name }) => namespace === 'AWS/Lambda' && name === metric,
  );

describe('alarms', () => {
  it('link an article of the runbook that exists', () => {
    const lost = alarms.filter((alarm) => !anchors().includes(linked(alarm) ?? ''));

    expect(lost.map(({ AlarmName: name }) => name)).toEqual([]);
  });

  it('exist for every article of the runbook', () => {
    expect(anchors().filter((anchor) => !alarms.map(linked).includes(anchor))).toEqual([]);
  });

  it('of queues for what failed have a row in the article of dead letters', () => {
    const article = readFileSync(join(repository, 'docs/operate.md'), 'utf8')
      .split(/^## /m)
      .find((one) => one.startsWith('Dead letters\n'));
    const queues = alarms
      .filter((alarm) => linked(alarm) === 'dead-letters')
      .map(({ AlarmName: name }) => name.slice('sender-domains-'.length));

    expect(queues).toContain('webhook-undelivered');
    expect(
      queues.filter((name) => !new RegExp(`\`${name}(?:\\.fifo)?\``).test(article ?? '')),
    ).toEqual([]);
  });

  it('say what happened before what to do', () => {
    for (const { AlarmDescription: description } of alarms) {
      expect(description).toMatch(/^[A-Z].{20,}\. What to do: docs\/operate\.md#/);
    }
  });

  it('go to exactly one of the two topics, which somebody hears', () => {
    const topics = alarms.flatMap(({ AlarmActions: actions }) => actions);
    expect(topics).toHaveLength(alarms.length);
    for (const topic of topics) expect(topic).toMatch(/(?:<|ExportsOutputRef)(?:Urgent|Routine)/);

    const subscriptions = resources.filter(
      ({ type, properties }) =>
        type === 'AWS::SNS::Subscription' && properties['Protocol'] === 'email',
    );
    expect(subscriptions.map(({ properties }) => properties['Endpoint'])).toEqual([
      'operator@example.com',
      'operator@example.com',
    ]);
  });

  it('have names of their own', () => {
    const names = alarms.map(({ AlarmName: name }) => name);

    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^sender-domains-/);
  });

  it('are quiet while nothing is reported', () => {
    expect(new Set(alarms.map(({ TreatMissingData: missing }) => missing))).toEqual(
      new Set(['notBreaching']),
    );
  });

  it('watch the errors of every function, and the throttles of all together', () => {
    const watched = onLambda('Errors').map(({ Dimensions: [one] = [] }) => one?.Value);

    expect(new Set(watched).size).toBe(functionNames.length);
    expect(watched).toHaveLength(functionNames.length);
    // The concurrency that is used up is the account's.
    expect(onLambda('Throttles').map(({ Dimensions: dimensions = [] }) => dimensions)).toEqual([
      [],
    ]);
  });

  it('on counters watch those that the sources count, under their namespace', () => {
    const sources = ['lambdas', 'shared', 'smtp'].flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !/(?:function|service)\.ts$/.test(file))
        .map((file) => readFileSync(join(repository, folder, file), 'utf8')),
    );
    const counters = alarms.filter(({ Namespace: namespace }) => namespace === 'SenderDomains');

    expect(sources.join('')).toContain("Namespace: 'SenderDomains'");
    expect(counters.map(({ MetricName: name }) => name).sort()).toEqual([
      'ClaimsAtRisk',
      'DisclosuresFailed',
      'IdentityFailed',
      'IdentityFailing',
      'IdentityForeign',
      'IdentityQuotaFull',
      'IdentityQuotaNear',
      'KeysUnpublished',
      'MailAge',
      'NewKeyFailing',
      'OutboxBehind',
      'PolicySteppedBack',
      'PublicationsParked',
      'PublicationsStale',
      'ReconcileUnreached',
      'ReportsUnreadable',
      'RevocationsLate',
      'RevocationsRecovered',
      'RotationHalted',
      'RotationStalled',
      'RotationsFailed',
      'RotationsHeldBackLong',
      'SendingPaused',
      'SendingSlowed',
      'SigningMoved',
      'SigningPaused',
      'SmtpFailed',
      'StoredItemsMalformed',
      'UnclearAttempts',
      'ZoneDrift',
    ]);
    for (const { MetricName: name, Dimensions: dimensions } of counters) {
      expect(sources.filter((source) => source.includes(`'${name}'`))).not.toEqual([]);
      expect(dimensions).toEqual([{ Name: 'service', Value: 'sender-domains' }]);
    }
  });
});
