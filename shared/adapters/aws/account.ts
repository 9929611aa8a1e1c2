import { Resolver } from 'node:dns/promises';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand, KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import {
  GetAccountLimitCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  DescribeActiveReceiptRuleSetCommand,
  paginateListIdentities,
  SESClient,
} from '@aws-sdk/client-ses';
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { Account, FoundZone } from '#shared/app/ports/account.ts';

/** The settings of all clients: region, and for a local run endpoint and credentials. */
export interface AccountConfig {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Reads an account by the APIs of its services.
 *
 * @param resolvers recursive resolvers, `address` or `address:port`
 */
export function awsAccount(config: AccountConfig, resolvers: readonly string[]): Account {
  const lambda = new LambdaClient(config);
  const dynamoDb = new DynamoDBClient(config);
  const kms = new KMSClient(config);
  const route53 = new Route53Client(config);
  const ses = new SESClient(config);
  const sesV2 = new SESv2Client(config);
  const dns = new Resolver({ timeout: 2_000, tries: 2 });
  dns.setServers([...resolvers]);
  // Several checks read the same; an account does not change between them.
  const sending = once(async () => {
    const answer = await sesV2.send(new GetAccountCommand({}));
    return {
      production: answer.ProductionAccessEnabled === true,
      enabled: answer.SendingEnabled !== false,
      perSecond: answer.SendQuota?.MaxSendRate ?? 0,
      perDay: answer.SendQuota?.Max24HourSend ?? 0,
    };
  });
  const identities = once(async () => {
    const names: string[] = [];
    for await (const { Identities = [] } of paginateListIdentities({ client: ses }, {})) {
      names.push(...Identities);
    }
    return names;
  });
  return {
    async concurrency() {
      const { AccountLimit: limit } = await lambda.send(new GetAccountSettingsCommand({}));
      if (limit?.ConcurrentExecutions !== undefined) return limit.ConcurrentExecutions;
      throw new Error('Lambda answered GetAccountSettings without a concurrency');
    },
    hasFunction: (name) =>
      isThere(
        lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name })),
        ResourceNotFoundException,
      ),
    sending,
    identities,
    async activeRuleSet() {
      const { Metadata: found } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
      return found?.Name;
    },
    async zones(names) {
      const found: FoundZone[] = [];
      for (const name of names) found.push(...(await zonesOf(route53, name)));
      return found;
    },
    async zoneQuota() {
      const { Limit: limit, Count: used } = await route53.send(
        new GetAccountLimitCommand({ Type: 'MAX_HOSTED_ZONES_BY_OWNER' }),
      );
      if (limit?.Value !== undefined && used !== undefined) return { limit: limit.Value, used };
      throw new Error('Route 53 answered GetAccountLimit without a limit');
    },
    async tables(prefix) {
      const names: string[] = [];
      // The names come in order, from the one after this.
      const after = { ExclusiveStartTableName: prefix };
      for await (const { TableNames = [] } of paginateListTables({ client: dynamoDb }, after)) {
        names.push(...TableNames.filter((name) => name.startsWith(prefix)));
        if (TableNames.some((name) => name > prefix && !name.startsWith(prefix))) break;
      }
      return names;
    },
    hasKey: (alias) =>
      isThere(kms.send(new DescribeKeyCommand({ KeyId: alias })), NotFoundException),
    async delegation(zone) {
      try {
        return (await dns.resolveNs(zone)).map(withoutDot);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'ESERVFAIL') return [];
        throw error;
      }
    },
  };
}

const withoutDot = (name: string): string => name.replace(/\.$/, '').toLowerCase();

async function zonesOf(client: Route53Client, name: string): Promise<FoundZone[]> {
  const { HostedZones: zones = [] } = await client.send(
    new ListHostedZonesByNameCommand({ DNSName: `${name}.`, MaxItems: 10 }),
  );
  const same = zones.filter(
    (zone) => withoutDot(zone.Name ?? '') === name && zone.Config?.PrivateZone !== true,
  );
  const found: FoundZone[] = [];
  for (const { Id: id } of same) {
    const { DelegationSet: set } = await client.send(new GetHostedZoneCommand({ Id: id }));
    const nameServers = (set?.NameServers ?? []).map(withoutDot);
    found.push({ name, id: (id ?? '').replace('/hostedzone/', ''), nameServers });
  }
  return found;
}

/** Returns false where the call fails with this error. @throws any other */
async function isThere(
  call: Promise<unknown>,
  missing: new (options: never) => Error,
): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof missing) return false;
    throw error;
  }
}

function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let known: Promise<Value> | undefined;
  return () => (known ??= read());
}
