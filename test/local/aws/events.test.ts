import {
  type EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventBridgeBus, eventBridgeClient } from '#shared/adapters/aws/event-bus.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import { createEventBridge, type BusEvent } from '../../../local/aws/events.ts';
import type { AwsCall } from '../../../local/aws/call.ts';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { givenTenant } from '../../fakes/given-claim.ts';
import { ACCOUNT, REGION, clientConfig, gatewayFor, refusal } from './stand-ins.ts';

let delivered: [string, BusEvent][];
let calls: AwsCall[];
let gateway: Gateway;
let client: EventBridgeClient;
beforeEach(async () => {
  delivered = [];
  calls = [];
  const { handle } = createEventBridge({
    region: REGION,
    accountId: ACCOUNT,
    hasBus: (name) => name === 'service',
    deliver: async (bus, event) => void delivered.push([bus, event]),
  });
  gateway = await gatewayFor(
    { events: handle },
    {
      authorize: (_key, call) => {
        calls.push(call);
        return { allowed: true };
      },
    },
  );
  client = eventBridgeClient(clientConfig(gateway));
});
afterEach(async () => {
  client.destroy();
  await gateway.close();
});

const event = (index: number): ServiceEvent => ({
  id: `evt_${index}`,
  type: 'domain.verified',
  tenant: givenTenant(),
  at: '2026-11-20T10:00:00.000Z',
  data: { domain: 'example.com' },
});

describe('the bus adapter', () => {
  test('publishes events in calls of ten, each as the detail of its type', async () => {
    const events = Array.from({ length: 12 }, (_, index) => event(index));
    await eventBridgeBus(client, 'service').put(events);
    expect(delivered.map(([, { detail }]) => detail)).toEqual(events);
    expect(delivered[0]).toEqual([
      'service',
      {
        version: '0',
        id: expect.any(String),
        'detail-type': 'domain.verified',
        source: 'sender-domains',
        account: ACCOUNT,
        time: '2026-11-20T10:00:00Z',
        region: REGION,
        resources: [],
        detail: events[0],
      },
    ]);
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatchObject({
      action: 'events:PutEvents',
      resource: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/service`,
    });
  });

  test('fails where the bus goes on refusing', async () => {
    await expect(eventBridgeBus(client, 'other').put([event(1)])).rejects.toThrow(
      'EventBridge refused 1 events: InvalidArgument: There is no event bus other.',
    );
  });
});

const put = (...entries: PutEventsRequestEntry[]) =>
  client.send(new PutEventsCommand({ Entries: entries }));

describe('the stand-in', () => {
  const good = { EventBusName: 'service', Source: 's', DetailType: 't', Detail: '{}' };

  test('takes some entries of a call and refuses others', async () => {
    const { FailedEntryCount: failed, Entries: entries } = await put(
      good,
      { ...good, Detail: 'no' },
      { ...good, Detail: '[]' },
      { ...good, Source: undefined },
      { ...good, Detail: `"${'x'.repeat(300_000)}"` },
    );
    expect(failed).toBe(4);
    expect(entries!.map(({ ErrorCode: code }) => code)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'InvalidArgument',
    ]);
    expect(delivered).toHaveLength(1);
  });

  test('refuses what it does not know', async () => {
    expect(await refusal(put())).toMatchObject({ name: 'ValidationException' });
    expect(await refusal(put(...Array.from({ length: 11 }, () => good)))).toMatchObject({
      name: 'ValidationException',
    });
    expect(await refusal(put({ ...good, TraceHeader: 'x' }))).toMatchObject({
      name: 'ValidationException',
    });
    expect(await refusal(client.send(new ListRulesCommand({})))).toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});
