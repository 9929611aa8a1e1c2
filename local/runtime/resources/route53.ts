import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Route53 } from '../../aws/route53.ts';
import { element } from '../../aws/xml.ts';
import { integer, resourceType, type ResourceTypes } from '../../template/resource-type.ts';
import type { Deployment } from '../deployment.ts';
import { AwsCallError, callXml, type Caller } from '../aws-call.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
/** Milliseconds before a change is tried again that another one on its zone was in the way of. */
const RETRY_PAUSE = 10;

const recordSet = z.strictObject({
  HostedZoneId: z.string(),
  Name: z.string(),
  Type: z.string(),
  TTL: integer.optional(),
  ResourceRecords: z.array(z.string()).optional(),
  /** Of a load balancer, which is on this machine. */
  AliasTarget: z.strictObject({ DNSName: z.string(), HostedZoneId: z.string() }).optional(),
});
type RecordSet = z.infer<typeof recordSet>;
/** Seconds that an alias of a load balancer may be cached. */
const ALIAS_TTL = 60;

/** Route 53's zones and those records that templates put in them. */
export function route53Types(
  route53: Route53,
  caller: Caller,
  deployment: Deployment,
): ResourceTypes {
  return {
    'AWS::Route53::HostedZone': resourceType({ Name: z.string() }, ({ properties: { Name } }) => {
      const { id, nameServers } = route53.putHostedZone(Name);
      return { ref: id, attributes: { Id: id, NameServers: nameServers } };
    }),
    'AWS::Route53::RecordSet': resourceType(recordSet.shape, async ({ properties }) => {
      await upsert(caller, properties, valuesOf(properties, deployment));
      return { ref: properties.Name };
    }),
  };
}

/** @throws Error where a set has neither values nor a target that is known */
function valuesOf(
  { ResourceRecords: values, AliasTarget: target }: RecordSet,
  { loadBalancers }: Deployment,
): readonly string[] {
  if (values !== undefined && target === undefined) return values;
  const name = target?.DNSName.replace(/^dualstack\./, '') ?? '';
  if (loadBalancers.has(name)) return ['127.0.0.1'];
  throw new Error('the local run knows records with values, and aliases of its load balancers');
}

async function upsert(caller: Caller, set: RecordSet, values: readonly string[]): Promise<void> {
  const records = values.map((value) => element('ResourceRecord', [element('Value', value)]));
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
              element('TTL', String(set.TTL ?? ALIAS_TTL)),
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
