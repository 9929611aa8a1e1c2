import { expect, it } from 'vitest';
import { fixed, MEMORY } from '../../cli/cost/usage.ts';
import { type Resource, resourcesOf } from './synthesized.ts';

const resources = resourcesOf({ rotation: {}, smtp: {} });
const of = (type: string) => resources.filter((one) => one.type === `AWS::${type}`);

/** The metrics of all alarms, each of which costs. Those of scaling policies have no name. */
const metricsOf = (all: readonly Resource[]): number =>
  all
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .flatMap(({ properties }) => {
      const queries = properties['Metrics'] as readonly object[] | undefined;
      return queries?.filter((query) => 'MetricStat' in query) ?? [properties];
    }).length;

/** What `npm run cost` multiplies is what a deployment has. */
it('the command "cost" knows the zones, keys, alarms and polled queues of a deployment', () => {
  const polled = of('Lambda::EventSourceMapping').filter(
    ({ properties }) => !JSON.stringify(properties['EventSourceArn']).includes('StreamArn'),
  );
  expect({
    zones: of('Route53::HostedZone').length,
    keys: of('KMS::Key').length,
    alarmMetrics: metricsOf(resources),
    smtpAlarmMetrics: metricsOf(resourcesOf({ rotation: {} })) - metricsOf(resources),
    polledQueues: polled.length,
  }).toEqual({
    zones: fixed.zones,
    keys: fixed.keys,
    alarmMetrics: fixed.alarmMetrics,
    smtpAlarmMetrics: fixed.smtpAlarmMetrics,
    polledQueues: fixed.polledQueues,
  });
});

it('the command "cost" knows the memory of functions', () => {
  const memory = Object.fromEntries(
    of('Lambda::Function').map(({ properties }) => [
      String(properties['FunctionName']).replace(/^sender-domains-/, ''),
      properties['MemorySize'],
    ]),
  );
  expect(memory).toMatchObject(MEMORY);
});
