import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
  TableAlreadyExistsException,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CannotRestore, type TableCopies } from '#shared/app/ports/table-copies.ts';

/** Restores of DynamoDB to a point in time. */
export function dynamoTableCopies(client: DynamoDBClient): TableCopies {
  const describe = async (table: string) => {
    try {
      return (await client.send(new DescribeTableCommand({ TableName: table }))).Table;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    async copy(source, target, at) {
      try {
        await client.send(
          new RestoreTableToPointInTimeCommand({
            SourceTableName: source,
            TargetTableName: target,
            RestoreDateTime: at,
          }),
        );
      } catch (error) {
        if (error instanceof TableAlreadyExistsException) return;
        const { name, message } = error as Error;
        if (/^(?:InvalidRestoreTime|TableNotFound|PointInTimeRecoveryUnavailable)/.test(name)) {
          throw new CannotRestore(
            `${source} cannot be restored to ${at.toISOString()}: ${message}`,
            {
              cause: error,
            },
          );
        }
        throw error;
      }
    },

    async isReady(table) {
      return (await describe(table))?.TableStatus === 'ACTIVE';
    },

    async complete(table, { ttl, stream }) {
      const { StreamSpecification: streaming } = (await describe(table)) ?? {};
      if (stream !== undefined && streaming?.StreamEnabled !== true) {
        await client.send(
          new UpdateTableCommand({
            TableName: table,
            StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
          }),
        );
        await settled(() => describe(table));
      }
      if (ttl !== undefined) await expireBy(client, table, ttl);
      await client.send(
        new UpdateContinuousBackupsCommand({
          TableName: table,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      );
      await settled(() => describe(table));
      await client.send(
        new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: true }),
      );
      const described = await settled(() => describe(table));
      return stream === undefined ? undefined : described?.LatestStreamArn;
    },
  };
}

/** A table that is being updated takes no other update; that takes seconds. */
async function settled<Table extends { TableStatus?: string | undefined }>(
  describe: () => Promise<Table | undefined>,
): Promise<Table | undefined> {
  for (;;) {
    const table = await describe();
    if (table?.TableStatus !== 'UPDATING') return table;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function expireBy(client: DynamoDBClient, table: string, attribute: string): Promise<void> {
  try {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: { Enabled: true, AttributeName: attribute },
      }),
    );
  } catch (error) {
    // It is enabled already: an earlier run got so far.
    if (!/already enabled/i.test((error as Error).message)) throw error;
  }
}

/** Counts the messages of the table `messages` that were accepted from a time on. */
export const messagesSince =
  (client: DynamoDBDocumentClient, table: string) =>
  async (at: string): Promise<number> => {
    let count = 0;
    const scan = {
      TableName: table,
      Select: 'COUNT' as const,
      // Messages alone have it; it begins with the time.
      FilterExpression: 'listedAt >= :at',
      ExpressionAttributeValues: { ':at': at },
    };
    for await (const page of paginateScan({ client }, scan)) count += page.Count ?? 0;
    return count;
  };
