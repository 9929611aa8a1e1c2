import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Route53 } from '../../aws/route53.ts';
import { element } from '../../aws/xml.ts';
import { integer, resourceType, type ResourceTypes } from '../../template/resource-type.ts';
import { AwsCallError, callXml, type Caller } from '../aws-call.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
/** Milliseconds before a change is tried again that another one on its zone was in the way of. */
const RETRY_PAUSE = 10;

const recordSet = z.strictObject({
  HostedZoneId: z.string(),
  Name: z.string(),
  Type: z.string(),
  TTL: integer,
  ResourceRecords: z.array(z.string()),
});

/** Route 53's zones and those records that templates put in them. */
export function route53Types(route53: Route53, caller: Caller): ResourceTypes {
  return {
    'AWS::Route53::HostedZone': resourceType({ Name: z.string() }, ({ properties: { Name } }) => {
      const { id, nameServers } = route53.putHostedZone(Name);
      return { ref: id, attributes: { Id: id, NameServers: nameServers } };
    }),
    'AWS::Route53::RecordSet': resourceType(recordSet.shape, async ({ properties }) => {
      await upsert(caller, properties);
      return { ref: properties.Name };
    }),
  };
}

async function upsert(caller: Caller, set: z.infer<typeof recordSet>): Promise<void> {
  const records = set.ResourceRecords.map((value) =>
    element('ResourceRecord', [element('Value', value)]),
  );
  const body = element(
    'ChangeResourceRecordSetsRequest',
    [
      element('ChangeBatch', [
        element('Changes', [
          element('Change', [
            element('Action', 'UPSERT'),
            element('ResourceRecordSet', [
              element('Name', set.Name),
              element('Type', set.Type),
              element('TTL', String(set.TTL)),
              element('ResourceRecords', records),
            ]),
          ]),
        ]),
      ]),
    ],
    NAMESPACE,
  );
  const path = `/2013-04-01/hostedzone/${set.HostedZoneId}/rrset`;
  for (;;) {
    try {
      await callXml(caller, 'route53', path, { method: 'POST', body });
      return;
    } catch (error) {
      const busy = error instanceof AwsCallError && error.name === 'PriorRequestNotComplete';
      if (!busy) throw error;
      await sleep(RETRY_PAUSE);
    }
  }
}
