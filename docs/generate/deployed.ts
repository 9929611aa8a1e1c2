/**
 * Counts what a deployment has and `npm run cost` multiplies, from the synthesized templates: run as a
 * program it writes them to cli/cost/deployed.json, before the tables that have the bill.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, repository, resourcesOf } from '../../test/infra/synthesized.ts';

/** Where `npm run cost` reads the counts. */
export const deployedFile = join(repository, 'cli/cost/deployed.json');

/** Lambda's memory where a template names none, in megabytes. */
const DEFAULT_MEMORY = 128;

/**
 * Returns the counts of a deployment with a canary, without disclosure: zones, keys, metrics of alarms
 * (those that SMTP adds apart), queues that Lambda polls, and the megabytes of each function.
 */
export function deployed(): object {
  const resources = resourcesOf({ rotation: {}, smtp: {} });
  const of = (type: string) => resources.filter((one) => one.type === `AWS::${type}`);
  const polled = of('Lambda::EventSourceMapping').filter(
    ({ properties }) => !JSON.stringify(properties['EventSourceArn']).includes('StreamArn'),
  );
  const memory = of('Lambda::Function').map(({ properties }): [string, number] => [
    String(properties['FunctionName']).replace(/^sender-domains-/, ''),
    Number(properties['MemorySize'] ?? DEFAULT_MEMORY),
  ]);
  return {
    zones: of('Route53::HostedZone').length,
    keys: of('KMS::Key').length,
    alarmMetrics: metricsOf(resources),
    smtpAlarmMetrics: metricsOf(resourcesOf({ rotation: {} })) - metricsOf(resources),
    polledQueues: polled.length,
    memory: Object.fromEntries(memory.toSorted(([one], [other]) => one.localeCompare(other))),
  };
}

/** The metrics of all alarms, each of which costs. Those of scaling policies have no name. */
const metricsOf = (all: readonly Resource[]): number =>
  all
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .flatMap(({ properties }) => {
      const queries = properties['Metrics'] as readonly object[] | undefined;
      return queries?.filter((query) => 'MetricStat' in query) ?? [properties];
    }).length;

if (import.meta.main) writeFileSync(deployedFile, `${JSON.stringify(deployed(), null, 2)}\n`);
