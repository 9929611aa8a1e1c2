import { randomUUID } from 'node:crypto';
import { RecordSyntaxError } from '../dns/records.ts';
import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse } from './http.ts';
import type { Change, ChangeAction } from './route53-batch.ts';
import { listOrder, readDnsName, writeDnsName } from './route53-names.ts';
import type { ChangeInfo, StoredZone } from './route53-store.ts';
import type { RecordSet } from './route53-values.ts';
import { XmlSyntaxError, child, childText, element, parseXml, xmlDocument } from './xml.ts';
import type { Xml, XmlElement } from './xml.ts';

export const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
const MAX_ITEMS = 300;
const MAX_ZONES = 100;

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message);

export const respond = (status: number, root: Xml): AwsResponse => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() },
  body: xmlDocument(root),
});

export function parseBody(request: AwsRequest, root: string): XmlElement {
  try {
    const document = parseXml(request.body.toString('utf8'));
    if (document.name === root) return document;
    throw new AwsError('MalformedInput', `The body is a ${document.name}, not a ${root}.`);
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw new AwsError('MalformedInput', error.message);
    throw error;
  }
}

/** Refuses elements that the stand-in would otherwise ignore. */
export function only(parent: XmlElement, ...known: readonly string[]): void {
  const other = parent.children.find(({ name }) => !known.includes(name));
  if (other !== undefined) {
    throw invalidInput(`The stand-in does not support ${other.name} in ${parent.name}.`);
  }
}

export function required(parent: XmlElement, name: string): string {
  const text = childText(parent, name);
  if (text !== undefined && text !== '') return text;
  throw invalidInput(`${parent.name} has no ${name}.`);
}

export function readName(text: string): string {
  try {
    return readDnsName(text);
  } catch (error) {
    if (error instanceof RecordSyntaxError) {
      throw new AwsError('InvalidInput', `Invalid domain name: ${error.message}`);
    }
    throw error;
  }
}

const ACTIONS: readonly ChangeAction[] = ['CREATE', 'DELETE', 'UPSERT'];

function readChange(change: XmlElement): Change {
  only(change, 'Action', 'ResourceRecordSet');
  const text = required(change, 'Action');
  const action = ACTIONS.find((known) => known === text);
  if (action === undefined) throw invalidInput(`Invalid XML; ${text} is not an Action.`);
  const set = child(change, 'ResourceRecordSet');
  if (set === undefined) throw invalidInput('A Change has no ResourceRecordSet.');
  only(set, 'Name', 'Type', 'TTL', 'ResourceRecords');
  const ttl = childText(set, 'TTL');
  if (ttl === undefined || !/^-?\d+$/.test(ttl)) {
    throw invalidInput(`Missing or invalid TTL for ${required(set, 'Name')}.`);
  }
  const records = child(set, 'ResourceRecords')?.children ?? [];
  return {
    action,
    set: {
      name: readName(required(set, 'Name')),
      type: required(set, 'Type'),
      ttl: Number(ttl),
      values: records.map((record) => required(record, 'Value')),
    },
  };
}

function recordSetXml({ name, type, ttl, values }: RecordSet): Xml {
  const records = values.map((value) => element('ResourceRecord', [element('Value', value)]));
  return element('ResourceRecordSet', [
    element('Name', writeDnsName(name)),
    element('Type', type),
    element('TTL', String(ttl)),
    element('ResourceRecords', records),
  ]);
}

export function zoneXml(zone: StoredZone): Xml {
  const { info } = zone;
  const config = [element('PrivateZone', 'false')];
  if (info.comment !== '') config.unshift(element('Comment', info.comment));
  return element('HostedZone', [
    element('Id', `/hostedzone/${info.id}`),
    element('Name', writeDnsName(info.apex)),
    element('CallerReference', info.callerReference),
    element('Config', config),
    element('ResourceRecordSetCount', String(zone.count)),
  ]);
}

export const delegationXml = (zone: StoredZone): Xml =>
  element('DelegationSet', [
    ...(zone.info.delegationSet === undefined
      ? []
      : [element('Id', `/delegationset/${zone.info.delegationSet}`)]),
    element(
      'NameServers',
      zone.info.nameServers.map((server) => element('NameServer', server)),
    ),
  ]);

export function changeXml(change: ChangeInfo, now: number): Xml {
  const parts = [
    element('Id', `/change/${change.id}`),
    element('Status', now >= change.insyncAt ? 'INSYNC' : 'PENDING'),
    element('SubmittedAt', new Date(change.submittedAt).toISOString()),
  ];
  if (change.comment !== '') parts.push(element('Comment', change.comment));
  return element('ChangeInfo', parts);
}

function maxItems(request: AwsRequest, most: number): number {
  const text = request.query.get('maxitems');
  if (text === null) return most;
  if (!/^\d+$/.test(text) || Number(text) < 1) {
    throw invalidInput(`Invalid maxitems: ${text} is not a positive number.`);
  }
  return Math.min(most, Number(text));
}

function onlyQuery(request: AwsRequest, ...known: readonly string[]): void {
  for (const name of request.query.keys()) {
    if (!known.includes(name)) throw invalidInput(`The stand-in does not support ${name}.`);
  }
}

/** Record sets in the order of lists: by reversed labels, then by type. */
function ordered(zone: StoredZone): { readonly key: string; readonly set: RecordSet }[] {
  const all = [...zone.sets].flatMap(([name, types]) => {
    const order = listOrder(name);
    return [...types.values()].map((set) => ({ key: `${order}\0${set.type}`, set }));
  });
  return all.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function listRecordSets(zone: StoredZone, request: AwsRequest): Xml {
  onlyQuery(request, 'name', 'type', 'maxitems');
  const name = request.query.get('name');
  const type = request.query.get('type');
  if (name === null && type !== null) {
    throw invalidInput('StartRecordType is given without StartRecordName.');
  }
  const limit = maxItems(request, MAX_ITEMS);
  const from = name === null ? '' : `${listOrder(readName(name))}\0${type ?? ''}`;
  const rest = ordered(zone).filter(({ key }) => key >= from);
  const next = rest[limit]?.set;
  const parts = [
    element(
      'ResourceRecordSets',
      rest.slice(0, limit).map(({ set }) => recordSetXml(set)),
    ),
    element('IsTruncated', String(next !== undefined)),
    element('MaxItems', String(limit)),
  ];
  if (next !== undefined) {
    parts.push(element('NextRecordName', writeDnsName(next.name)));
    parts.push(element('NextRecordType', next.type));
  }
  return element('ListResourceRecordSetsResponse', parts, NAMESPACE);
}

export function listZones(zones: readonly StoredZone[], request: AwsRequest): Xml {
  onlyQuery(request, 'marker', 'maxitems');
  const limit = maxItems(request, MAX_ZONES);
  const marker = request.query.get('marker');
  const start = marker === null ? 0 : zones.findIndex(({ id }) => id === marker);
  if (start === -1) {
    throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${marker}`, 404);
  }
  const next = zones[start + limit];
  const parts = [
    element('HostedZones', zones.slice(start, start + limit).map(zoneXml)),
    element('IsTruncated', String(next !== undefined)),
    element('MaxItems', String(limit)),
  ];
  if (marker !== null) parts.push(element('Marker', marker));
  if (next !== undefined) parts.push(element('NextMarker', next.id));
  return element('ListHostedZonesResponse', parts, NAMESPACE);
}

const zoneOrder = (zone: StoredZone): string => `${listOrder(zone.apex)}\0${zone.id}`;

export function listZonesByName(zones: readonly StoredZone[], request: AwsRequest): Xml {
  onlyQuery(request, 'dnsname', 'hostedzoneid', 'maxitems');
  const limit = maxItems(request, MAX_ZONES);
  const dnsName = request.query.get('dnsname');
  const zoneId = request.query.get('hostedzoneid');
  const from = dnsName === null ? '' : `${listOrder(readName(dnsName))}\0${zoneId ?? ''}`;
  const rest = [...zones]
    .sort((a, b) => (zoneOrder(a) < zoneOrder(b) ? -1 : 1))
    .filter((zone) => zoneOrder(zone) >= from);
  const next = rest[limit];
  const parts = [
    element('HostedZones', rest.slice(0, limit).map(zoneXml)),
    element('IsTruncated', String(next !== undefined)),
    element('MaxItems', String(limit)),
  ];
  if (dnsName !== null) parts.push(element('DNSName', dnsName));
  if (zoneId !== null) parts.push(element('HostedZoneId', zoneId));
  if (next !== undefined) {
    parts.push(element('NextDNSName', writeDnsName(next.apex)));
    parts.push(element('NextHostedZoneId', next.id));
  }
  return element('ListHostedZonesByNameResponse', parts, NAMESPACE);
}

const ROUTES: readonly (readonly [method: string, path: RegExp, operation: Route53Operation])[] = [
  ['POST', /^hostedzone\/([^/]+)\/rrset$/, 'ChangeResourceRecordSets'],
  ['GET', /^hostedzone\/([^/]+)\/rrset$/, 'ListResourceRecordSets'],
  ['GET', /^change\/([^/]+)$/, 'GetChange'],
  ['GET', /^hostedzone\/([^/]+)$/, 'GetHostedZone'],
  ['GET', /^hostedzone$/, 'ListHostedZones'],
  ['GET', /^hostedzonesbyname$/, 'ListHostedZonesByName'],
  ['POST', /^hostedzone$/, 'CreateHostedZone'],
  ['DELETE', /^hostedzone\/([^/]+)$/, 'DeleteHostedZone'],
  ['POST', /^delegationset$/, 'CreateReusableDelegationSet'],
  ['GET', /^delegationset$/, 'ListReusableDelegationSets'],
  ['GET', /^reusabledelegationsetlimit\/([^/]+)\/[^/]+$/, 'GetReusableDelegationSetLimit'],
  ['GET', /^accountlimit\/([^/]+)$/, 'GetAccountLimit'],
];

export type Route53Operation =
  | 'ChangeResourceRecordSets'
  | 'ListResourceRecordSets'
  | 'GetChange'
  | 'GetHostedZone'
  | 'ListHostedZones'
  | 'ListHostedZonesByName'
  | 'CreateHostedZone'
  | 'DeleteHostedZone'
  | 'CreateReusableDelegationSet'
  | 'ListReusableDelegationSets'
  | 'GetReusableDelegationSetLimit'
  | 'GetAccountLimit';

/** Finds the operation of a request and the id in its path; undefined where the stand-in has none. */
export function route53Operation(
  request: Pick<AwsRequest, 'method' | 'path'>,
): { readonly operation: Route53Operation; readonly id: string } | undefined {
  const path = /^\/2013-04-01\/(.*?)\/?$/.exec(request.path)?.[1];
  if (path === undefined) return undefined;
  for (const [method, pattern, operation] of ROUTES) {
    const match = method === request.method ? pattern.exec(path) : null;
    if (match !== null) return { operation, id: decodeURIComponent(match[1] ?? '') };
  }
  return undefined;
}

/** Reads the changes of a ChangeResourceRecordSets body. */
export function readChangeBatch(request: AwsRequest): { changes: Change[]; comment: string } {
  const document = parseBody(request, 'ChangeResourceRecordSetsRequest');
  const batch = child(document, 'ChangeBatch');
  if (batch === undefined) throw invalidInput('The request has no ChangeBatch.');
  only(batch, 'Comment', 'Changes');
  const changes = (child(batch, 'Changes')?.children ?? []).map(readChange);
  if (changes.length === 0) {
    throw invalidInput(
      "1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  return { changes, comment: childText(batch, 'Comment') ?? '' };
}
