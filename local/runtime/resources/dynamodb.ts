import * as z from 'zod';
import {
  accepted,
  boolean,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import { AwsCallError, callJson, type Caller } from '../aws-call.ts';
import type { Deployment } from '../deployment.ts';

const keySchema = z.array(
  z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }),
);
const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
});

/** The parts of a table that cannot change under its data, as DescribeTable gives them. */
const shape = z.object({
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(z.object({ IndexName: z.string(), KeySchema: keySchema }))
    .optional(),
  StreamSpecification: z.object({ StreamViewType: z.string().optional() }).optional(),
});
const description = z.object({
  Table: shape.extend({
    TableStatus: z.string(),
    TableArn: z.string(),
    LatestStreamArn: z.string().optional(),
  }),
});

/** DynamoDB's tables, made where they are not there. */
export function dynamoDbTypes(caller: Caller, deployment: Deployment): ResourceTypes {
  const call = (operation: string, input: object): Promise<unknown> =>
    callJson(caller, 'dynamodb', `DynamoDB_20120810.${operation}`, input);
  const describe = async (name: string) => {
    try {
      return description.parse(await call('DescribeTable', { TableName: name })).Table;
    } catch (error) {
      if (error instanceof AwsCallError && error.name === 'ResourceNotFoundException') {
        return undefined;
      }
      throw error;
    }
  };
  return {
    'AWS::DynamoDB::GlobalTable': resourceType(
      {
        TableName: z.string().optional(),
        AttributeDefinitions: z.array(
          z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
        ),
        KeySchema: keySchema,
        BillingMode: z.literal('PAY_PER_REQUEST'),
        GlobalSecondaryIndexes: z.array(index).optional(),
        StreamSpecification: z.strictObject({ StreamViewType: z.string() }).optional(),
        SSESpecification: accepted('the state folder is as safe as the disk it lies on'),
        TimeToLiveSpecification: accepted('the stand-in expires nothing; no code may count on it'),
        Replicas: z.tuple([
          z.strictObject({
            Region: z.literal(caller.region),
            DeletionProtectionEnabled: boolean.optional(),
            PointInTimeRecoverySpecification: accepted('there are no backups here'),
            GlobalSecondaryIndexes: accepted('it repeats the names of the indexes'),
            Tags: tags,
          }),
        ]),
      },
      async ({ properties, generatedName }) => {
        const {
          TableName: name = generatedName(),
          Replicas: [replica],
        } = properties;
        const there = await describe(name);
        const { StreamSpecification: stream } = properties;
        if (there !== undefined && stream && there.StreamSpecification === undefined) {
          await call('UpdateTable', {
            TableName: name,
            StreamSpecification: { StreamEnabled: true, ...stream },
          });
        }
        if (there === undefined) {
          await call('CreateTable', {
            TableName: name,
            AttributeDefinitions: properties.AttributeDefinitions,
            KeySchema: properties.KeySchema,
            BillingMode: properties.BillingMode,
            GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
            DeletionProtectionEnabled: replica.DeletionProtectionEnabled,
            ...(properties.StreamSpecification && {
              StreamSpecification: { StreamEnabled: true, ...properties.StreamSpecification },
            }),
          });
        }
        let table = await describe(name);
        while (table?.TableStatus !== 'ACTIVE') table = await describe(name);
        if (fingerprint(table) !== fingerprint(properties)) {
          throw new Error(
            `the table ${name} of an earlier run has other keys, indexes or stream than the template; remove the state folder to start afresh`,
          );
        }
        if (table.LatestStreamArn) deployment.streamArns.push(table.LatestStreamArn);
        return {
          ref: name,
          attributes: {
            Arn: table.TableArn,
            ...(table.LatestStreamArn && { StreamArn: table.LatestStreamArn }),
          },
        };
      },
    ),
  };
}

const keys = (schema: z.infer<typeof keySchema>): string =>
  schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).join(', ');

function fingerprint(table: z.infer<typeof shape>): string {
  const indexes = (table.GlobalSecondaryIndexes ?? [])
    .map(({ IndexName, KeySchema }) => `${IndexName}: ${keys(KeySchema)}`)
    .sort();
  return [keys(table.KeySchema), ...indexes, table.StreamSpecification?.StreamViewType].join('; ');
}
