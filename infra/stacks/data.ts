/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { type TableName, tables } from '#shared/runtime/tables.ts';
import type { Config } from '../config.ts';
import { SecretsKey } from '../constructs/secrets-key.ts';
import { AuditBucket } from '../constructs/audit-bucket.ts';
import type { LockedBucket, NamedBucket } from '../constructs/locked-bucket.ts';
import { RevocationBucket } from '../constructs/revocation-bucket.ts';
import { ServiceTable } from '../constructs/service-table.ts';
import { WrappingKey } from '../constructs/wrapping-key.ts';
import { pascal } from '../names.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
}

/**
 * Holds what must survive every other stack: the tables, the keys that wrap private keys and
 * secrets, what nobody may change, and the bus of an operator's own rules.
 */
export class DataStack extends Stack {
  readonly tables: Readonly<Record<TableName, ServiceTable>>;
  readonly wrappingKey: WrappingKey;
  readonly secretsKey: SecretsKey;
  /** Revocations of keys, which no restore of a table reaches. */
  readonly revocations: NamedBucket;
  /** Heads of the audit log's chains. */
  readonly auditHeads: NamedBucket;
  /** The bus that events are published on. */
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, props);
    const names = Object.keys(tables) as TableName[];
    this.tables = Object.fromEntries(
      names.map((name) => [name, new ServiceTable(this, pascal(name), { config, name })]),
    ) as Record<TableName, ServiceTable>;
    this.wrappingKey = new WrappingKey(this, 'WrappingKey', config);
    this.secretsKey = new SecretsKey(this, 'SecretsKey', config);
    this.revocations = this.#named(new RevocationBucket(this, 'Revocations'));
    this.auditHeads = this.#named(new AuditBucket(this, 'AuditHeads'));
    this.bus = new EventBus(this, 'Bus', { eventBusName: config.name });

    new CfnOutput(this, 'EventBusArn', {
      description: 'Where events are told; add rules of your own',
      value: this.bus.eventBusArn,
    });
    new CfnOutput(this, 'BudgetsTable', {
      description: 'Where `npm run tenant -- limits` keeps limits of single tenants',
      value: this.tables.budgets.table.tableName,
    });
    new CfnOutput(this, 'TenantsTable', {
      description: 'Where `npm run tenant` keeps tenants and their API keys',
      value: this.tables.tenants.table.tableName,
    });
  }

  #named({ bucket: { bucketName, bucketArn } }: LockedBucket): NamedBucket {
    return { bucketName, arn: this.exportValue(bucketArn) };
  }
}
