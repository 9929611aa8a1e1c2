import {
  CognitoIdentityProviderClient,
  paginateListUserPools,
} from '@aws-sdk/client-cognito-identity-provider';
import { DescribeKeyCommand, KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import {
  ListResourceRecordSetsCommand,
  Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import type { FoundRecordSet, Leftovers } from '#shared/app/ports/leftovers.ts';
import { type AccountConfig, awsAccount } from './account.ts';

const MOST_POOLS_A_PAGE = 60;

/** Finds what deleted stacks left, by the APIs of its services; it reads only. */
export function awsLeftovers(config: AccountConfig): Leftovers {
  const account = awsAccount(config, []);
  const kms = new KMSClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: config.endpoint !== undefined });
  const cognito = new CognitoIdentityProviderClient(config);
  const route53 = new Route53Client(config);
  return {
    hasFunction: (name) => account.hasFunction(name),
    tables: (prefix) => account.tables(prefix),
    zones: (names) => account.zones(names),
    async key(alias) {
      try {
        const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
        return { id: key?.KeyId ?? '', state: key?.KeyState ?? 'unknown' };
      } catch (error) {
        if (error instanceof NotFoundException) return undefined;
        throw error;
      }
    },
    async buckets() {
      // All at once: without a size of pages S3 answers up to 10,000, the most that an account may have.
      const { Buckets: buckets = [] } = await s3.send(new ListBucketsCommand({}));
      return buckets.map(({ Name: name = '' }) => name);
    },
    async userPools(name) {
      const ids: string[] = [];
      const pages = paginateListUserPools({ client: cognito }, { MaxResults: MOST_POOLS_A_PAGE });
      for await (const { UserPools: pools = [] } of pages) {
        ids.push(...pools.filter((pool) => pool.Name === name).map(({ Id: id = '' }) => id));
      }
      return ids;
    },
    async recordSet(zoneId, name, type) {
      const { ResourceRecordSets: sets = [] } = await route53.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          StartRecordName: name,
          StartRecordType: type as RRType,
          MaxItems: 1,
        }),
      );
      const [set] = sets;
      // Route 53 writes the asterisk of a wildcard as an octal code.
      const found = set?.Name?.replace(String.raw`\052`, '*');
      if (found !== name || set?.Type !== type) return undefined;
      return {
        Name: name,
        Type: type,
        TTL: set.TTL ?? 0,
        ResourceRecords: (set.ResourceRecords ?? []).map(({ Value: value = '' }) => ({
          Value: value,
        })),
      } satisfies FoundRecordSet;
    },
  };
}
