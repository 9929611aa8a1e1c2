import type { App } from './app.ts';
import { code, type Table } from './markdown.ts';

interface Key {
  readonly AttributeName: string;
}

interface Properties {
  readonly KeySchema: readonly Key[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly Key[];
    readonly Projection: { readonly ProjectionType: string };
  }[];
  readonly TimeToLiveSpecification?: { readonly AttributeName: string };
  readonly StreamSpecification?: { readonly StreamViewType: string };
  readonly SSESpecification?: { readonly SSEType: string };
  readonly Replicas: readonly Replica[];
}

interface Replica {
  readonly DeletionProtectionEnabled?: boolean;
  readonly PointInTimeRecoverySpecification?: {
    readonly PointInTimeRecoveryEnabled?: boolean;
    readonly RecoveryPeriodInDays?: number;
  };
  readonly SSESpecification?: { readonly KMSMasterKeyId?: string };
}

/** The tables: keys, indexes, expiry, encryption, backups. */
export const tables = (app: App): Table => ({
  columns: [
    'table',
    'key',
    'indexes',
    'TTL',
    'stream',
    'encryption',
    'point-in-time recovery',
  ].concat('deletion protection'),
  rows: app.ofType('AWS::DynamoDB::GlobalTable').map((found) => {
    const properties = found.properties as unknown as Properties;
    const [replica] = properties.Replicas;
    return [
      code(app.nameOf(found)),
      keys(properties.KeySchema),
      (properties.GlobalSecondaryIndexes ?? [])
        .map((index) => {
          const { ProjectionType: projection } = index.Projection;
          return `${code(index.IndexName)}: ${keys(index.KeySchema)}, ${projection}`;
        })
        .join('<br>'),
      attribute(properties.TimeToLiveSpecification?.AttributeName),
      attribute(properties.StreamSpecification?.StreamViewType),
      encryption(properties, replica),
      recovery(replica),
      replica?.DeletionProtectionEnabled === true ? 'yes' : 'no',
    ];
  }),
});

const attribute = (name: string | undefined): string => (name === undefined ? '' : code(name));

const keys = (schema: readonly Key[]): string =>
  schema.map(({ AttributeName: name }) => code(name)).join(', ');

function encryption({ SSESpecification: sse }: Properties, replica: Replica | undefined): string {
  if (sse?.SSEType !== 'KMS') return 'key of DynamoDB';
  const key = replica?.SSESpecification?.KMSMasterKeyId;
  return key === undefined ? 'AWS-managed key `aws/dynamodb`' : `customer-managed key ${code(key)}`;
}

function recovery(replica: Replica | undefined): string {
  const specification = replica?.PointInTimeRecoverySpecification;
  if (specification?.PointInTimeRecoveryEnabled !== true) return 'no';
  // DynamoDB's default.
  return `${specification.RecoveryPeriodInDays ?? 35} days`;
}
