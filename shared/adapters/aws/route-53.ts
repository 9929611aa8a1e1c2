import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  NoSuchChange,
  NoSuchHostedZone,
  Route53Client,
  type ListHostedZonesByNameCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  type Route53ClientConfig,
  type RRType,
} from '@aws-sdk/client-route-53';
import { pages } from '#shared/async/page.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import type { Zone, ZoneRecords } from '#shared/app/ports/zone.ts';
import type { RecordChange } from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import { decodeTxt, encodeTxt } from '#shared/core/records/txt.ts';
import { requestTimeouts } from './request-timeouts.ts';
import { naming, plainName, present } from './route-53-answers.ts';

/**
 * A client without retries: the publisher must see every throttle, to delay all its work, and every
 * unclear outcome, to query before it goes on.
 */
export function route53Client(config: Route53ClientConfig = {}): Route53Client {
  return new Route53Client({
    maxAttempts: 1,
    requestHandler: requestTimeouts({ connectionMs: 2_000, requestMs: 10_000 }),
    ...config,
  });
}

/** Record sets of one page of a whole zone; Route 53's own maximum. */
const PAGE = 300;
/** Record sets asked for under one label: more than a claim ever has, so that one page does. */
const LABEL_PAGE = 50;

/** Implements hosted zones on Route 53; finds zone ids by name and remembers them. */
export function route53Zone(client: Route53Client): Zone {
  const ids = zoneIds(client);

  /** Runs a call on a zone; where the remembered id is wrong, finds it again, once. */
  async function inZone<T>(shard: ShardName, call: (id: string) => Promise<T>): Promise<T> {
    try {
      return await call(await ids.of(shard));
    } catch (error) {
      if (!(error instanceof NoSuchHostedZone || error instanceof NoZoneOfThatName)) throw error;
      ids.forget(shard);
      return call(await ids.of(shard));
    }
  }

  return {
    async submit(shard, changes) {
      const batch = { Changes: changes.map(toChange) };
      return naming(`a change of ${shard}`, async () => {
        const answer = await inZone(shard, (HostedZoneId) =>
          client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: batch })),
        );
        return present(answer.ChangeInfo?.Id, 'an id of the change');
      });
    },

    async changeStatus(changeId) {
      return naming(`for the status of ${changeId}`, async () => {
        try {
          const answer = await client.send(new GetChangeCommand({ Id: changeId }));
          return answer.ChangeInfo?.Status === 'INSYNC' ? 'insync' : 'pending';
        } catch (error) {
          if (error instanceof NoSuchChange) return 'unknown';
          throw error;
        }
      });
    },

    async list(shard, cursor) {
      const start = cursor === undefined ? {} : (JSON.parse(cursor) as Start);
      return naming(`with a page of ${shard}`, async () => {
        const page = await inZone(shard, (HostedZoneId) =>
          client.send(
            new ListResourceRecordSetsCommand({ HostedZoneId, MaxItems: PAGE, ...start }),
          ),
        );
        const next = startOfNext(page);
        return {
          ...toZoneRecords(page.ResourceRecordSets ?? [], shard),
          cursor: next && JSON.stringify(next),
        };
      });
    },

    async listLabel(shard, label) {
      const top = `${label}.${shard}`;
      const first: Start = { StartRecordName: top };
      // Route 53 sorts names by their labels from the right, so the names under a label are
      // contiguous.
      const read = async ({ cursor = first }: { readonly cursor?: Start }) => {
        const page = await naming(`with what lies under ${top}`, () =>
          inZone(shard, (HostedZoneId) =>
            client.send(
              new ListResourceRecordSetsCommand({ HostedZoneId, MaxItems: LABEL_PAGE, ...cursor }),
            ),
          ),
        );
        const sets = page.ResourceRecordSets ?? [];
        const under = sets.filter(({ Name = '' }) => isUnder(plainName(Name), top));
        return { under, cursor: under.length === sets.length ? startOfNext(page) : undefined };
      };
      const found: ResourceRecordSet[] = [];
      for await (const { under } of pages(read)) found.push(...under);
      return toZoneRecords(found, shard);
    },
  };
}

const isUnder = (name: string, top: string) => name === top || name.endsWith(`.${top}`);

interface Start {
  readonly StartRecordName?: string | undefined;
  readonly StartRecordType?: RRType | undefined;
  readonly StartRecordIdentifier?: string | undefined;
}

function startOfNext(page: ListResourceRecordSetsCommandOutput): Start | undefined {
  if (page.IsTruncated !== true) return undefined;
  return {
    StartRecordName: page.NextRecordName,
    StartRecordType: page.NextRecordType,
    StartRecordIdentifier: page.NextRecordIdentifier,
  };
}

function toChange({ action, record }: RecordChange) {
  return {
    Action: action,
    ResourceRecordSet: {
      Name: record.name,
      Type: record.type,
      TTL: record.ttl,
      ResourceRecords: record.values.map((value) => ({ Value: encodeTxt(value) })),
    },
  };
}

function toZoneRecords(sets: readonly ResourceRecordSet[], shard: ShardName): ZoneRecords {
  const records: HostedRecord[] = [];
  const foreign: string[] = [];
  for (const set of sets) {
    const name = plainName(present(set.Name, 'a name of a record set'));
    if (name === shard && (set.Type === 'NS' || set.Type === 'SOA')) continue;
    const record = toHostedRecord(name, set);
    if (record === undefined) foreign.push(`${name} ${set.Type}`);
    else records.push(record);
  }
  return { records, foreign };
}

/** Undefined for what we never make: another type, an alias (no TTL), a routing policy. */
function toHostedRecord(name: string, set: ResourceRecordSet): HostedRecord | undefined {
  if (set.Type !== 'TXT' || set.TTL === undefined || set.SetIdentifier !== undefined) {
    return undefined;
  }
  const values = (set.ResourceRecords ?? []).map(({ Value }) =>
    decodeTxt(present(Value, 'a value of a record')),
  );
  return { name, type: 'TXT', ttl: set.TTL, values };
}

class NoZoneOfThatName extends Error {
  constructor(shard: ShardName) {
    super(`Route 53 has no public hosted zone named ${shard}`);
    this.name = 'NoZoneOfThatName';
  }
}

/**
 * Finds the zone ids of a whole deployment together: they are neighbours in Route 53's list. Two
 * public zones of one name are an error: publishing into the wrong one would be silent.
 */
function zoneIds(client: Route53Client) {
  const known = new Map<string, Promise<Map<string, string[]>>>();
  return {
    async of(shard: ShardName): Promise<string> {
      const zone = parentOf(shard);
      const idsByName = known.get(zone) ?? zonesBelow(client, zone);
      known.set(zone, idsByName);
      // A failure is not remembered.
      idsByName.catch(() => known.delete(zone));
      const [id, ...others] = (await idsByName).get(shard) ?? [];
      if (id === undefined) throw new NoZoneOfThatName(shard);
      if (others.length > 0) {
        throw new Error(
          `Route 53 has ${others.length + 1} public hosted zones named ${shard}; delete those that nothing delegates to`,
        );
      }
      return id;
    },
    forget(shard: ShardName) {
      known.delete(parentOf(shard));
    },
  };
}

const parentOf = (shard: ShardName) => shard.slice(shard.indexOf('.') + 1);

type ZoneStart = Pick<ListHostedZonesByNameCommandInput, 'DNSName' | 'HostedZoneId'>;

/** Ids of the public zones at and below a name; one request for up to 100. */
async function zonesBelow(client: Route53Client, top: string): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>();
  const first: ZoneStart = { DNSName: top };
  const read = async ({ cursor = first }: { readonly cursor?: ZoneStart }) => {
    const page = await client.send(new ListHostedZonesByNameCommand({ ...cursor, MaxItems: 100 }));
    const all = page.HostedZones ?? [];
    const zones = all.filter(({ Name = '' }) => isUnder(plainName(Name), top));
    const isLast = page.IsTruncated !== true || zones.length < all.length;
    const next = { DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId };
    return { zones, cursor: isLast ? undefined : next };
  };
  for await (const { zones } of pages(read)) {
    for (const { Name, Id, Config } of zones) {
      if (Config?.PrivateZone === true) continue;
      const name = plainName(present(Name, 'a name of a zone'));
      ids.set(name, [...(ids.get(name) ?? []), present(Id, 'an id of a zone')]);
    }
  }
  return ids;
}
