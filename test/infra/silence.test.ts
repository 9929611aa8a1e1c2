import { beforeAll, describe, expect, it } from 'vitest';
import { declarations } from '../../infra/functions.ts';
import { type DeclaredAlarm, stateOf } from '../../local/aws/alarms.ts';
import { Metrics } from '../../local/aws/metrics.ts';
import { parseScheduleExpression } from '../../local/aws/schedule-expression.ts';
import { alarmSchema, declaredAlarm } from '../../local/runtime/resources/observability.ts';
import { readable, type Resource, resourcesOf } from './synthesized.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The service runs well from here on; the first day fills what daily alarms read. */
const START = Date.parse('2026-03-02T00:00:00Z');
const BREAKS = START + 30 * HOUR;
/** Longer than any of the alarms waits. */
const END = BREAKS + 30 * HOUR;

const name = (short: string): string => `sender-domains-${short}`;

let resources: Resource[];
let alarms: DeclaredAlarm[];
let schedules: { name: string; function: string; times: number[]; counter?: string }[];

beforeAll(async () => {
  resources = resourcesOf();
  const nameOf = (stack: string, text: string): string => {
    const id = /^<(\w+?)(?:\.\w+)?>$/.exec(text)?.[1];
    const found = resources.find((one) => one.stack === stack && one.id === id);
    const names = [found?.properties['FunctionName'], found?.properties['QueueName']];
    return names.find((one) => typeof one === 'string') ?? text;
  };
  alarms = resources
    .filter(({ type, properties }) => type === 'AWS::CloudWatch::Alarm' && properties['AlarmName'])
    .map(({ stack, properties }) => {
      const alarm = declaredAlarm(
        String(properties['AlarmName']),
        alarmSchema.parse(readable(properties)),
      );
      const metrics = alarm.metrics.map((one) => {
        const entries = Object.entries(one.metric.dimensions);
        const dimensions = Object.fromEntries(
          entries.map(([key, value]) => [key, nameOf(stack, value)]),
        );
        return { ...one, metric: { ...one.metric, dimensions } };
      });
      return { ...alarm, metrics };
    });
  const counters = new Map(
    (await declarations()).flatMap(({ name: fn, wokenBy }) =>
      'schedules' in wokenBy
        ? Object.values(wokenBy.schedules).flatMap(({ task, succeeded }) =>
            succeeded === undefined ? [] : [[name(`${fn}-${task}`), succeeded] as const],
          )
        : [],
    ),
  );
  schedules = resources
    .filter(({ type }) => type === 'AWS::Scheduler::Schedule')
    .map(({ stack, properties }) => {
      const { Arn: arn } = readable(properties['Target']) as { Arn: string };
      const counter = counters.get(String(properties['Name']));
      return {
        name: String(properties['Name']),
        function: nameOf(stack, arn),
        times: timesOf(String(properties['ScheduleExpression'])),
        ...(counter === undefined ? {} : { counter }),
      };
    });
});

function timesOf(expression: string): number[] {
  const times: number[] = [];
  const occurrences = parseScheduleExpression(expression);
  let time = occurrences.next(START - 1, START);
  while (time !== undefined && time < END) {
    times.push(time);
    time = occurrences.next(time, START);
  }
  return times;
}

interface Fault {
  /** A schedule that calls no more. */
  readonly disabled?: string;
  /** A function that nobody calls any more. */
  readonly detached?: string;
  /** A function all of whose calls fail. */
  readonly failing?: string;
}

/** What CloudWatch has of a service with nothing but canaries, in which something breaks. */
function metricsOf({ disabled, detached, failing }: Fault): Metrics {
  const metrics = new Metrics();
  const call = (fn: string, at: number): boolean => {
    if (at >= BREAKS && fn === detached) return false;
    const of = (metric: string) => ({
      namespace: 'AWS/Lambda',
      name: metric,
      dimensions: { FunctionName: fn },
    });
    const fails = at >= BREAKS && fn === failing;
    metrics.add(of('Invocations'), 1, at);
    metrics.add(of('Errors'), fails ? 1 : 0, at);
    return !fails;
  };
  for (const schedule of schedules) {
    for (const at of schedule.times) {
      if (at >= BREAKS && schedule.name === disabled) break;
      const succeeded = call(schedule.function, at);
      if (succeeded && schedule.counter !== undefined) {
        const dimensions = { service: 'sender-domains' };
        metrics.add({ namespace: 'SenderDomains', name: schedule.counter, dimensions }, 1, at);
      }
      if (schedule.function !== name('canary')) continue;
      for (const fn of ['signer', 'ses-events', 'ses-events', 'reports']) {
        call(name(fn), at + 5_000);
      }
    }
  }
  return metrics;
}

/** The alarms that fired from the time of the fault on, and those that are on at the end. */
function firedAfter(fault: Fault): { ever: string[]; atEnd: string[] } {
  const metrics = metricsOf(fault);
  const on = (at: number): string[] =>
    alarms.filter((alarm) => stateOf(alarm, metrics, at) === 'ALARM').map((alarm) => alarm.name);
  const ever = new Set<string>();
  for (let at = BREAKS; at <= END; at += 30 * MINUTE) for (const alarm of on(at)) ever.add(alarm);
  return { ever: [...ever], atEnd: on(END) };
}

const only = (alarm: string) => ({ ever: [name(alarm)], atEnd: [name(alarm)] });

describe('alarms', () => {
  it('are quiet while everything is called as it should be', () => {
    expect(firedAfter({})).toEqual({ ever: [], atEnd: [] });
  });

  it('fire on each schedule that is disabled, one alarm each', () => {
    const found = schedules.map(({ name: disabled }) => [disabled, firedAfter({ disabled })]);

    expect(Object.fromEntries(found)).toEqual({
      [name('audit-anchor')]: only('audit-anchor-missed'),
      [name('canary')]: only('canary-missed'),
      [name('check-planner')]: only('check-planner-missed'),
      [name('disclosure')]: only('disclosure-missed'),
      [name('flattener')]: only('flattener-missed'),
      [name('flattener-services')]: only('flattener-services-missed'),
      [name('hand-over')]: only('hand-over-missed'),
      [name('identity-planner')]: only('identity-planner-missed'),
      [name('monitor')]: only('monitor-missed'),
      [name('outbox')]: only('outbox-missed'),
      [name('reconciler')]: only('reconciler-missed'),
      [name('roll-out-planner')]: only('roll-out-planner-missed'),
      [name('rotation-planner-continue')]: only('rotation-planner-missed'),
      [name('rotation-planner-retry')]: only('rotation-planner-retry-missed'),
      // A month is longer than an alarm can wait: the daily retry counts it (retry.test.ts).
      [name('rotation-planner-start')]: { ever: [], atEnd: [] },
    });
  });

  it.each([
    ['events of SES no longer come', { detached: name('ses-events') }, 'ses-events-missing'],
    ['mail no longer comes in', { detached: name('reports') }, 'inbound-missing'],
    ['the canary fails', { failing: name('canary') }, 'canary-missed'],
    ['a planner fails', { failing: name('check-planner') }, 'check-planner-missed'],
  ])('fire where %s, and no other does', (_, fault, alarm) => {
    expect(firedAfter(fault)).toEqual(only(alarm));
  });
});
