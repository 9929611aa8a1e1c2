import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DNS_ADDRESS, type ZoneSource } from '../dns/resolution.ts';
import { answering } from './errors.ts';
import { AwsError } from './http.ts';
import type { AwsHandler, AwsRequest, AwsResponse, Clock } from './http.ts';
import { RateLimit } from './rate-limit.ts';
import { planBatch } from './route53-batch.ts';
import {
  createDelegationSet,
  createZone,
  delegationSet,
  delegationSetXml,
  deleteZone,
  zonesOf,
} from './route53-delegation.ts';
import type { Change } from './route53-batch.ts';
import { writeDnsName } from './route53-names.ts';
import { Route53Store } from './route53-store.ts';
import type { StoredZone } from './route53-store.ts';
import * as wire from './route53-wire.ts';
import type { Route53Operation } from './route53-wire.ts';
import { element } from './xml.ts';
import type { Xml } from './xml.ts';

export interface Route53Options {
  readonly stateDir: string;
  /** Milliseconds from accepting a change to INSYNC, when DNS has it; default 500. */
  readonly insyncDelayMs?: number;
  /**
   * Milliseconds that a change takes; another one on the zone meanwhile is PriorRequestNotComplete.
   * Default 20.
   */
  readonly processingMs?: number;
  /** The most hosted zones of the account. Default: 500. */
  readonly zoneLimit?: number;
  /** The most hosted zones of a reusable delegation set. Default: 100. */
  readonly zonesPerSetLimit?: number;
  /** Holds requests and changes to AWS's quotas (FACTS); otherwise there is no limit. */
  readonly rateLimits?: boolean;
  readonly now?: Clock;
}

/** Planted faults; planting replaces all that were there. */
export interface Route53Faults {
  /** A regular expression: batches that touch a name it matches (without final dot) are refused. */
  readonly refuseNames?: string;
  /** Answer so many requests with Throttling. */
  readonly throttle?: number;
  /** Answer so many change requests with PriorRequestNotComplete. */
  readonly priorRequestNotComplete?: number;
  /** Instead of the option. */
  readonly insyncDelayMs?: number;
}

export interface HostedZone {
  readonly id: string;
  readonly name: string;
  readonly nameServers: readonly string[];
}

export interface Route53 {
  readonly handle: AwsHandler;
  /** The zones for the DNS server, as far as their changes are INSYNC. */
  readonly zones: ZoneSource;
  /** The zone of that name, made where there is none. */
  putHostedZone(name: string): HostedZone;
  plantFaults(faults: Route53Faults): void;
  /** Requests so far by operation, refused ones too, so that tests can count them. */
  readonly requests: ReadonlyMap<string, number>;
  close(): void;
}

const throttling = (): AwsError => new AwsError('Throttling', 'Rate exceeded');

const priorRequestNotComplete = (): AwsError =>
  new AwsError(
    'PriorRequestNotComplete',
    'The request was rejected because Route 53 was still processing a prior request.',
  );

type Operation = (id: string, request: AwsRequest) => AwsResponse | Promise<AwsResponse>;

const FAULT_NAMES = ['refuseNames', 'throttle', 'priorRequestNotComplete', 'insyncDelayMs'];

/** The answer of a call that made something, with where it is. */
const created = (root: string, content: readonly Xml[], path: string): AwsResponse => {
  const response = wire.respond(201, element(root, content, wire.NAMESPACE));
  const location = `https://route53.amazonaws.com/2013-04-01/${path}`;
  return { ...response, headers: { ...response.headers, location } };
};

/** Route 53's API in REST XML, its zones' changes coming into DNS when they turn INSYNC. */
export function createRoute53(options: Route53Options): Route53 {
  const { stateDir, insyncDelayMs = 500, processingMs = 20, zoneLimit = 500 } = options;
  const { now = Date.now, zonesPerSetLimit = 100 } = options;
  const store = new Route53Store(stateDir);
  const busy = new Set<string>();
  const requests = new Map<string, number>();
  const requestLimit = new RateLimit(50, 10, now);
  const changeLimit = new RateLimit(1500, 100, now);
  let faults: { -readonly [Name in keyof Route53Faults]: Route53Faults[Name] } = {};

  const planted = (name: 'throttle' | 'priorRequestNotComplete'): boolean => {
    const left = faults[name] ?? 0;
    if (left > 0) faults[name] = left - 1;
    return left > 0;
  };
  const zoneFor = (id: string): StoredZone => {
    const zone = store.zone(id);
    if (zone !== undefined) return zone;
    throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
  };

  const refusePlanted = (changes: readonly Change[]): void => {
    if (faults.refuseNames === undefined) return;
    const pattern = new RegExp(faults.refuseNames);
    const match = changes.find(({ set }) => pattern.test(set.name));
    if (match === undefined) return;
    const name = writeDnsName(match.set.name);
    throw new AwsError(
      'InvalidChangeBatch',
      `[RRSet with DNS name ${name} is refused: planted fault]`,
    );
  };

  const throttleChanges = (changes: readonly Change[]): void => {
    if (options.rateLimits !== true) return;
    const cost = changes.reduce((sum, { action }) => sum + (action === 'UPSERT' ? 2 : 1), 0);
    if (!changeLimit.take(cost)) throw throttling();
  };

  const change = async (zoneId: string, request: AwsRequest): Promise<AwsResponse> => {
    const { changes, comment } = wire.readChangeBatch(request);
    const zone = zoneFor(zoneId);
    if (busy.has(zoneId) || planted('priorRequestNotComplete')) throw priorRequestNotComplete();
    throttleChanges(changes);
    refusePlanted(changes);
    busy.add(zoneId);
    try {
      const plan = planBatch(changes, zone);
      if ('problems' in plan) {
        throw new AwsError('InvalidChangeBatch', `[${plan.problems.join(', ')}]`);
      }
      if (processingMs > 0) await sleep(processingMs);
      const submittedAt = now();
      const insyncAt = submittedAt + (faults.insyncDelayMs ?? insyncDelayMs);
      const info = store.accept(zoneId, plan.edits, { comment, submittedAt, insyncAt });
      const content = [wire.changeXml(info, submittedAt)];
      return wire.respond(
        200,
        element('ChangeResourceRecordSetsResponse', content, wire.NAMESPACE),
      );
    } finally {
      busy.delete(zoneId);
    }
  };

  const getChange = (id: string): AwsResponse => {
    const info = store.change(id);
    if (info === undefined) {
      throw new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, 404);
    }
    return wire.respond(
      200,
      element('GetChangeResponse', [wire.changeXml(info, now())], wire.NAMESPACE),
    );
  };

  const limits = { zones: zoneLimit, zonesPerSet: zonesPerSetLimit, sets: 100 };

  /** A change that Route 53 makes by itself, with the zone that comes or goes. */
  const ownChange = (zoneId: string): Xml => {
    const at = now();
    return wire.changeXml({ id: zoneId, zoneId, comment: '', submittedAt: at, insyncAt: at }, at);
  };

  const createHostedZone = (request: AwsRequest): AwsResponse => {
    const zone = createZone(store, request, limits);
    const content = [wire.zoneXml(zone), ownChange(zone.id), wire.delegationXml(zone)];
    return created('CreateHostedZoneResponse', content, `hostedzone/${zone.id}`);
  };

  const setLimit = (id: string): AwsResponse => {
    const count = zonesOf(store, delegationSet(store, id)).length;
    const type = element('Type', 'MAX_ZONES_BY_REUSABLE_DELEGATION_SET');
    const limit = element('Limit', [type, element('Value', String(zonesPerSetLimit))]);
    const content = [limit, element('Count', String(count))];
    return wire.respond(
      200,
      element('GetReusableDelegationSetLimitResponse', content, wire.NAMESPACE),
    );
  };

  const listSets = (): AwsResponse => {
    const content = [
      element('DelegationSets', store.delegationSets.map(delegationSetXml)),
      element('Marker', ''),
      element('IsTruncated', 'false'),
      element('MaxItems', '100'),
    ];
    return wire.respond(
      200,
      element('ListReusableDelegationSetsResponse', content, wire.NAMESPACE),
    );
  };

  const accountLimit = (type: string): AwsResponse => {
    if (type !== 'MAX_HOSTED_ZONES_BY_OWNER') {
      throw wire.invalidInput(`The stand-in does not know the limit ${type}.`);
    }
    const limit = [element('Type', type), element('Value', String(zoneLimit))];
    const content = [element('Limit', limit), element('Count', String(store.zones.length))];
    return wire.respond(200, element('GetAccountLimitResponse', content, wire.NAMESPACE));
  };

  const operations: Readonly<Record<Route53Operation, Operation>> = {
    ChangeResourceRecordSets: change,
    GetChange: getChange,
    ListResourceRecordSets: (id, request) =>
      wire.respond(200, wire.listRecordSets(zoneFor(id), request)),
    GetHostedZone(id) {
      const zone = zoneFor(id);
      const content = [wire.zoneXml(zone), wire.delegationXml(zone)];
      return wire.respond(200, element('GetHostedZoneResponse', content, wire.NAMESPACE));
    },
    ListHostedZones: (_, request) => wire.respond(200, wire.listZones(store.zones, request)),
    ListHostedZonesByName: (_, request) =>
      wire.respond(200, wire.listZonesByName(store.zones, request)),
    CreateHostedZone: (_, request) => createHostedZone(request),
    DeleteHostedZone(id) {
      deleteZone(store, zoneFor(id));
      const content = [ownChange(id)];
      return wire.respond(200, element('DeleteHostedZoneResponse', content, wire.NAMESPACE));
    },
    CreateReusableDelegationSet(_, request) {
      const set = createDelegationSet(store, request, limits);
      const content = [delegationSetXml(set)];
      return created('CreateReusableDelegationSetResponse', content, `delegationset/${set.id}`);
    },
    ListReusableDelegationSets: () => listSets(),
    GetReusableDelegationSetLimit: (id) => setLimit(id),
    GetAccountLimit: (type) => accountLimit(type),
  };

  const run = async (request: AwsRequest): Promise<AwsResponse> => {
    const route = wire.route53Operation(request);
    if (route === undefined) {
      throw new AwsError(
        'UnknownOperationException',
        `The Route 53 stand-in has no operation at ${request.method} ${request.path}.`,
        404,
      );
    }
    const { operation, id } = route;
    requests.set(operation, (requests.get(operation) ?? 0) + 1);
    if (planted('throttle')) throw throttling();
    if (options.rateLimits === true && !requestLimit.take()) throw throttling();
    store.settle(now());
    return operations[operation](id, request);
  };

  return {
    handle: (request) => answering('route53', () => run(request)),
    zones: {
      at(apex) {
        store.settle(now());
        return store.zones
          .filter((zone) => zone.apex === apex)
          .map((zone) => ({ state: 'served', zone: zone.served, delegation: 'required' }));
      },
      serverAddress: (name) => (store.isNameServer(name) ? DNS_ADDRESS : undefined),
    },
    putHostedZone(name) {
      const apex = wire.readName(name);
      const zone =
        store.zones.find((known) => known.apex === apex) ??
        store.createZone(apex, randomUUID(), '');
      return { id: zone.id, name: apex, nameServers: zone.info.nameServers };
    },
    plantFaults(plan) {
      const unknown = Object.keys(plan).find((name) => !FAULT_NAMES.includes(name));
      if (unknown !== undefined) throw new Error(`Route 53 has no planted fault ${unknown}`);
      faults = { ...plan };
    },
    requests,
    close: () => store.close(),
  };
}
