import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';
import type { DelegationSetInfo, Route53Store, StoredZone } from './route53-store.ts';
import { isWithin } from '../dns/records.ts';
import * as wire from './route53-wire.ts';
import { child, childText, element } from './xml.ts';
import type { Xml } from './xml.ts';

/** The most zones of one reusable delegation set, and the most sets of the account; both can be raised. */
export interface DelegationLimits {
  readonly zonesPerSet: number;
  readonly sets: number;
}

/**
 * Makes a reusable delegation set, of four servers of its own.
 *
 * @throws AwsError as Route 53 documents for CreateReusableDelegationSet
 */
export function createDelegationSet(
  store: Route53Store,
  request: AwsRequest,
  limits: DelegationLimits,
): DelegationSetInfo {
  const document = wire.parseBody(request, 'CreateReusableDelegationSetRequest');
  wire.only(document, 'CallerReference');
  const reference = wire.required(document, 'CallerReference');
  if (store.delegationSets.some((set) => set.callerReference === reference)) {
    throw new AwsError(
      'DelegationSetAlreadyCreated',
      `A delegation set with the same owner and caller reference combination has already been created: ${reference}`,
    );
  }
  if (store.delegationSets.length >= limits.sets) {
    throw new AwsError('LimitsExceeded', 'Limit on the number of reusable delegation sets reached');
  }
  return store.createDelegationSet(reference);
}

/** @throws AwsError `NoSuchDelegationSet` */
export function delegationSet(store: Route53Store, id: string): DelegationSetInfo {
  const found = store.delegationSets.find((set) => set.id === id);
  if (found !== undefined) return found;
  throw new AwsError('NoSuchDelegationSet', `No reusable delegation set found with ID: ${id}`);
}

export const zonesOf = (store: Route53Store, { id }: DelegationSetInfo): StoredZone[] =>
  store.zones.filter(({ info }) => info.delegationSet === id);

export const delegationSetXml = ({ id, callerReference, nameServers }: DelegationSetInfo): Xml =>
  element('DelegationSet', [
    element('Id', `/delegationset/${id}`),
    element('CallerReference', callerReference),
    element(
      'NameServers',
      nameServers.map((server) => element('NameServer', server)),
    ),
  ]);

/**
 * Makes a hosted zone, with the servers of a reusable delegation set where one is given.
 *
 * @param limits of the set, and of zones of the account
 * @throws AwsError as Route 53 documents for CreateHostedZone
 */
export function createZone(
  store: Route53Store,
  request: AwsRequest,
  limits: DelegationLimits & { readonly zones: number },
): StoredZone {
  const document = wire.parseBody(request, 'CreateHostedZoneRequest');
  wire.only(document, 'Name', 'CallerReference', 'HostedZoneConfig', 'DelegationSetId');
  const config = child(document, 'HostedZoneConfig');
  if (config !== undefined && childText(config, 'PrivateZone') === 'true') {
    throw wire.invalidInput('The stand-in has no private zones.');
  }
  const reference = wire.required(document, 'CallerReference');
  const known = store.zones.find(({ info }) => info.callerReference === reference);
  if (known !== undefined) {
    throw new AwsError(
      'HostedZoneAlreadyExists',
      `A hosted zone has already been created with the specified caller reference: ${known.id}`,
      409,
    );
  }
  const apex = wire.readName(wire.required(document, 'Name'));
  const id = childText(document, 'DelegationSetId')?.replace('/delegationset/', '');
  const set = id === undefined ? undefined : delegationSet(store, id);
  if (store.zones.length >= limits.zones) {
    throw new AwsError('TooManyHostedZones', 'Limit on the number of hosted zones reached');
  }
  if (set !== undefined) requireRoom(store, set, apex, limits);
  return store.createZone(apex, reference, (config && childText(config, 'Comment')) ?? '', set);
}

/** Zones of one name, or of names above each other, can't share a name server. */
function requireRoom(
  store: Route53Store,
  set: DelegationSetInfo,
  apex: string,
  { zonesPerSet }: DelegationLimits,
): void {
  const zones = zonesOf(store, set);
  if (zones.length >= zonesPerSet) {
    throw new AwsError(
      'LimitsExceeded',
      'Limit on the number of hosted zones of the reusable delegation set reached',
    );
  }
  const conflict = zones.find((zone) => isWithin(apex, zone.apex) || isWithin(zone.apex, apex));
  if (conflict === undefined) return;
  throw new AwsError(
    'ConflictingDomainExists',
    `Cannot create hosted zone with DelegationSetId DelegationSetId:${set.id} as the DNSName ${apex} conflicts with existing ones sharing the delegation set`,
  );
}

/** @throws AwsError `HostedZoneNotEmpty` */
export function deleteZone(store: Route53Store, zone: StoredZone): void {
  const others = [...zone.sets].flatMap(([name, types]) =>
    [...types.keys()].filter((type) => name !== zone.apex || (type !== 'SOA' && type !== 'NS')),
  );
  if (others.length > 0) {
    throw new AwsError(
      'HostedZoneNotEmpty',
      'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    );
  }
  store.deleteZone(zone.id);
}
