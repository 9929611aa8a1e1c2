import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { declarations } from '../../infra/functions.ts';
import { readable, repository, type Resource, resourcesOf } from './synthesized.ts';

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
    const queues = resources
      .filter(({ type, properties }) => type === 'AWS::SQS::Queue' && !properties['RedrivePolicy'])
      .map(({ properties }) => String(properties['QueueName']).slice('sender-domains-'.length));

    expect(queues).toContain('webhook-undelivered');
    expect(queues.filter((name) => !article?.includes(`\`${name}\``))).toEqual([]);
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

  it('are quiet while nothing is reported, but for those on silence', () => {
    const onSilence = alarms.filter(({ TreatMissingData: missing }) => missing !== 'notBreaching');

    expect(new Set(onSilence.map(({ TreatMissingData: missing }) => missing))).toEqual(
      new Set(['breaching']),
    );
    for (const { AlarmName: name } of onSilence) expect(name).toMatch(/-missed$/);
  });

  /** Queues have dead letters, streams failures, routes what the API answers, schedules silence. */
  it('watch the errors only of functions whose failures nothing else shows soon', () => {
    const watched = onLambda('Errors')
      .filter(({ TreatMissingData: missing }) => missing === 'notBreaching')
      .map(({ AlarmName: name }) => name);

    expect(watched.sort()).toEqual(
      ['rotation-worker', 'signer'].map((name) => `sender-domains-${name}-errors`),
    );
    // The concurrency that is used up is the account's.
    expect(onLambda('Throttles').map(({ Dimensions: dimensions = [] }) => dimensions)).toEqual([
      [],
    ]);
  });

  it('watch every schedule that calls at least daily', async () => {
    const wanted = (await declarations()).flatMap(({ name, wokenBy }) =>
      'schedules' in wokenBy
        ? Object.values(wokenBy.schedules).flatMap(({ every, task, succeeded }) =>
            every === 'month' ? [] : [succeeded === undefined ? name : `${name}-${task}`],
          )
        : [],
    );
    const missed = alarms
      .map(({ AlarmName: name }) => /^sender-domains-(.+)-missed$/.exec(name)?.[1])
      .filter((name) => name !== undefined && name !== 'rotation');

    expect(new Set(missed)).toEqual(new Set(wanted));
    expect(missed).toHaveLength(wanted.length);
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
      'DeadLetters',
      'DelegatedZoneNotMade',
      'DisclosuresFailed',
      'IdentityFailed',
      'IdentityFailing',
      'IdentityForeign',
      'IdentityQuotaFull',
      'IdentityQuotaNear',
      'KeysUnpublished',
      'MailAge',
      'MailServicesListed',
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
      'RotationMissed',
      'RotationRetried',
      'RotationStalled',
      'RotationsHeldBackLong',
      'SendingPaused',
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
