import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type ITableV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { tableVariable } from '#shared/runtime/variables.ts';
import { type TableName, type TableShape, tables } from '#shared/runtime/tables.ts';
import type { Config } from '../config.ts';
import type { OtherTable } from '../config/tables.ts';
import { kebab } from '../names.ts';

export interface ServiceTableProps {
  readonly config: Config;
  readonly name: TableName;
}

/**
 * Makes a table as shared/runtime/tables.ts shapes it, that survives the stack. It is on demand,
 * encrypted with the account's DynamoDB key, restorable to any second of 35 days, and protected
 * from deletion.
 */
export class ServiceTable extends Construct {
  /** The one that functions use: another than the deployment's own where the configuration names it. */
  readonly table: ITableV2;
  /** The environment variable that holds the table's name in the functions that use it. */
  readonly variable: string;

  constructor(scope: Construct, id: string, { config, name }: ServiceTableProps) {
    super(scope, id);
    const shape: TableShape = tables[name];
    this.variable = tableVariable(name);
    const own = new TableV2(this, 'Table', {
      tableName: `${config.name}-${kebab(name)}`,
      partitionKey: key(shape.partitionKey),
      ...(shape.sortKey === undefined ? {} : { sortKey: key(shape.sortKey) }),
      ...(shape.ttl === undefined ? {} : { timeToLiveAttribute: shape.ttl }),
      ...(shape.stream === undefined ? {} : { dynamoStream: StreamViewType[shape.stream] }),
      globalSecondaryIndexes: (shape.indexes ?? []).map((index) => ({
        indexName: index.name,
        partitionKey: key(index.partitionKey),
        sortKey: key(index.sortKey),
        projectionType: ProjectionType[index.projection],
      })),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const other = config.tables[name];
    this.table = other === undefined ? own : this.#instead(own, other, shape.stream !== undefined);
  }

  /**
   * Uses another table. The own one stays with what other stacks import of it until they are deployed:
   * CloudFormation deletes no export that is imported.
   */
  #instead(own: TableV2, { name, stream }: OtherTable, hasStream: boolean): ITableV2 {
    const stack = Stack.of(this);
    stack.exportValue(own.tableName);
    stack.exportValue(own.tableArn);
    if (hasStream) stack.exportValue(own.tableStreamArn);
    return TableV2.fromTableAttributes(this, 'Other', {
      tableName: name,
      ...(stream === undefined ? {} : { tableStreamArn: stream }),
    });
  }
}

const key = (name: string) => ({ name, type: AttributeType.STRING });
