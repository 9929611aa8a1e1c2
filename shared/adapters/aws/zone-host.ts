import {
  ChangeResourceRecordSetsCommand,
  ConflictingDomainExists,
  CreateHostedZoneCommand,
  CreateReusableDelegationSetCommand,
  DelegationSetAlreadyCreated,
  DelegationSetNotAvailable,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  GetReusableDelegationSetLimitCommand,
  HostedZoneAlreadyExists,
  LimitsExceeded,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  ListReusableDelegationSetsCommand,
  NoSuchChange,
  NoSuchHostedZone,
  TooManyHostedZones,
  type DelegationSet as AwsDelegationSet,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import {
  ZoneNotMade,
  type DelegationSet,
  type ZoneHost,
} from '#shared/app/ports/delegated-zones.ts';
import { pages } from '#shared/async/page.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ZoneRecordSet } from '#shared/core/records/zone-record-sets.ts';
import { naming, plainName, present } from './route-53-answers.ts';

/** Zones asked for by their name: those of other accounts are not in the list. */
const PAGE = 100;

/** Implements the zones of delegated domains on Route 53. */
export function route53ZoneHost(client: Route53Client): ZoneHost {
  const find = async (domain: DomainName, reference: string): Promise<string | undefined> => {
    const read = async ({ cursor }: { readonly cursor?: string | undefined }) => {
      const page = await client.send(
        new ListHostedZonesByNameCommand({
          DNSName: domain,
          ...(cursor === undefined ? {} : { HostedZoneId: cursor }),
          MaxItems: PAGE,
        }),
      );
      const zones = page.HostedZones ?? [];
      const same = zones.filter(({ Name = '' }) => plainName(Name) === domain);
      const goesOn = page.IsTruncated === true && same.length === zones.length;
      return { same, cursor: goesOn ? page.NextHostedZoneId : undefined };
    };
    for await (const { same } of pages(read)) {
      const zone = same.find(({ CallerReference }) => CallerReference === reference);
      if (zone !== undefined) return plainId(present(zone.Id, 'an id of a zone'));
    }
    return undefined;
  };

  const pageOfSets = async ({ cursor }: { readonly cursor?: string | undefined }) => {
    const page = await client.send(
      new ListReusableDelegationSetsCommand(cursor === undefined ? {} : { Marker: cursor }),
    );
    const next = page.IsTruncated === true ? page.NextMarker : undefined;
    return { found: page.DelegationSets ?? [], cursor: next };
  };

  const setsOf = async (isOwn: (reference: string) => boolean): Promise<DelegationSet[]> => {
    const own: DelegationSet[] = [];
    for await (const { found } of pages(pageOfSets)) {
      own.push(...found.filter(({ CallerReference = '' }) => isOwn(CallerReference)).map(setOf));
    }
    return own;
  };

  const recordsFrom = async (
    HostedZoneId: string,
    start: { readonly StartRecordName?: string },
  ): Promise<readonly ZoneRecordSet[]> => {
    const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId, ...start }));
    return (page.ResourceRecordSets ?? []).filter(({ Type }) => Type !== 'SOA').map(recordSetOf);
  };

  return {
    sets: (reference) =>
      naming('for delegation sets', () => setsOf((one) => one.startsWith(reference))),

    async createSet(reference) {
      return naming('for a delegation set', async () => {
        try {
          const command = new CreateReusableDelegationSetCommand({ CallerReference: reference });
          const { DelegationSet: set } = await client.send(command);
          return setOf(present(set, 'a delegation set'));
        } catch (error) {
          if (error instanceof LimitsExceeded) throw notMade(error);
          if (!(error instanceof DelegationSetAlreadyCreated)) throw error;
          const [made] = await setsOf((one) => one === reference);
          return present(made, `the delegation set ${reference}`);
        }
      });
    },

    async roomIn(set) {
      return naming(`for the zones of ${set}`, async () => {
        const { Limit, Count } = await client.send(
          new GetReusableDelegationSetLimitCommand({
            DelegationSetId: set,
            Type: 'MAX_ZONES_BY_REUSABLE_DELEGATION_SET',
          }),
        );
        return present(Limit?.Value, 'a limit') - present(Count, 'a count');
      });
    },

    async create(domain, reference, set) {
      return naming(`for a zone ${domain}`, async () => {
        try {
          const { HostedZone: zone } = await client.send(
            new CreateHostedZoneCommand({
              Name: domain,
              CallerReference: reference,
              DelegationSetId: set,
            }),
          );
          return plainId(present(zone?.Id, 'an id of a zone'));
        } catch (error) {
          if (isNotMade(error)) throw notMade(error);
          if (!(error instanceof HostedZoneAlreadyExists)) throw error;
          return present(await find(domain, reference), `the zone made as ${reference}`);
        }
      });
    },

    find: (domain, reference) => naming(`for a zone ${domain}`, () => find(domain, reference)),

    async records(zoneId) {
      return naming(`for the records of ${zoneId}`, async () => {
        try {
          return await recordsFrom(zoneId, {});
        } catch (error) {
          if (error instanceof NoSuchHostedZone) return undefined;
          throw error;
        }
      });
    },

    async recordsAt(zoneId, name) {
      return naming(`for the records at ${name}`, async () => {
        const found = await recordsFrom(zoneId, { StartRecordName: name });
        return found.filter((set) => set.name === name);
      });
    },

    async change(HostedZoneId, changes) {
      const batch = { Changes: changes.map(({ action, set }) => toChange(action, set)) };
      return naming(`a change of ${HostedZoneId}`, async () => {
        const answer = await client.send(
          new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: batch }),
        );
        return present(answer.ChangeInfo?.Id, 'an id of the change');
      });
    },

    async isInsync(changeId) {
      return naming(`for the status of ${changeId}`, async () => {
        try {
          const answer = await client.send(new GetChangeCommand({ Id: changeId }));
          return answer.ChangeInfo?.Status === 'INSYNC';
        } catch (error) {
          // Route 53 forgets changes that were INSYNC long ago.
          if (error instanceof NoSuchChange) return true;
          throw error;
        }
      });
    },

    async delete(zoneId) {
      await naming(`to delete the zone ${zoneId}`, async () => {
        try {
          await client.send(new DeleteHostedZoneCommand({ Id: zoneId }));
        } catch (error) {
          if (!(error instanceof NoSuchHostedZone)) throw error;
        }
      });
    },
  };
}

const isNotMade = (error: unknown): error is Error =>
  error instanceof TooManyHostedZones ||
  error instanceof LimitsExceeded ||
  error instanceof DelegationSetNotAvailable ||
  error instanceof ConflictingDomainExists;

const notMade = (error: Error): ZoneNotMade =>
  new ZoneNotMade(`${error.name}: ${error.message}`, { cause: error });

/** Ids come with the path that they have in URLs. */
const plainId = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

const setOf = ({ Id, NameServers = [] }: AwsDelegationSet): DelegationSet => ({
  id: plainId(present(Id, 'an id of a delegation set')),
  nameServers: NameServers.map((name) => plainName(name.toLowerCase())),
});

const recordSetOf = ({
  Name,
  Type,
  TTL,
  ResourceRecords = [],
}: ResourceRecordSet): ZoneRecordSet => ({
  name: plainName(present(Name, 'a name of a record set')),
  type: present(Type, 'a type of a record set') as ZoneRecordSet['type'],
  ttl: TTL ?? 0,
  values: ResourceRecords.map(({ Value }) => present(Value, 'a value of a record')),
});

const toChange = (Action: 'UPSERT' | 'DELETE', { name, type, ttl, values }: ZoneRecordSet) => ({
  Action,
  ResourceRecordSet: {
    Name: name,
    Type: type,
    TTL: ttl,
    ResourceRecords: values.map((Value) => ({ Value })),
  },
});
