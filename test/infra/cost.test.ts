import { expect, it } from 'vitest';
import { fixed, MEMORY } from '../../cli/cost/usage.ts';
import { resourcesOf } from './synthesized.ts';

const resources = resourcesOf();
const of = (type: string) => resources.filter((one) => one.type === `AWS::${type}`);

/** What `npm run cost` multiplies is what a deployment has. */
it('the command "cost" knows the zones, keys, alarms and polled queues of a deployment', () => {
  const polled = of('Lambda::EventSourceMapping').filter(
    ({ properties }) => !JSON.stringify(properties['EventSourceArn']).includes('StreamArn'),
  );
  expect({
    zones: of('Route53::HostedZone').length,
    keys: of('KMS::Key').length,
    alarms: of('CloudWatch::Alarm').length,
    polledQueues: polled.length,
  }).toEqual({
    zones: fixed.zones,
    keys: fixed.keys,
    alarms: fixed.alarms,
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
