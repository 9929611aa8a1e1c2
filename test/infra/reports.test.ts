import { beforeAll, describe, expect, it } from 'vitest';
import {
  grantsOf,
  list,
  readable,
  type Resource,
  resourcesOf,
  type Statement,
} from './synthesized.ts';

let resources: Resource[];

beforeAll(() => {
  resources = resourcesOf({ zone: 'sd.example.net' });
});

const ofType = (type: string): Resource[] =>
  resources.filter((one) => one.type === type && one.stack === 'Reports');
const only = (type: string): Record<string, unknown> => {
  const [one, ...more] = ofType(type);
  expect(more).toEqual([]);
  return readable(one?.properties) as Record<string, unknown>;
};

const rule =
  'arn:aws:ses:eu-west-1:<AWS::AccountId>:receipt-rule-set/sender-domains-inbound:receipt-rule/reports';

/** Returns the actions that a resource policy allows SES. */
const sesMay = (type: string): Statement[] => {
  const { PolicyDocument: document } = only(type) as { PolicyDocument: { Statement: Statement[] } };
  return document.Statement.filter((statement) =>
    JSON.stringify(statement.Principal)?.includes('ses.amazonaws.com'),
  );
};

describe('mail to the reports host', () => {
  it('comes to SES, for which the host is an identity that the zone proves', () => {
    const records = ofType('AWS::Route53::RecordSet').map(
      ({ properties }) => readable(properties) as Record<string, unknown>,
    );
    expect(records).toContainEqual(
      expect.objectContaining({
        Name: 'reports.sd.example.net.',
        Type: 'MX',
        ResourceRecords: ['10 inbound-smtp.eu-west-1.amazonaws.com'],
      }),
    );
    expect(only('AWS::SES::EmailIdentity')['EmailIdentity']).toBe('reports.sd.example.net');
    expect(records.filter(({ Type: type }) => type === 'CNAME')).toHaveLength(3);
  });

  it('is stored, announced, and kept for 90 days', () => {
    expect(only('AWS::SES::ReceiptRule')).toMatchObject({
      Rule: {
        Name: 'reports',
        Recipients: ['reports.sd.example.net'],
        Actions: [{ S3Action: { ObjectKeyPrefix: 'reports/' } }],
      },
    });
    const { LifecycleConfiguration: lifecycle } = only('AWS::S3::Bucket');
    expect(lifecycle).toMatchObject({ Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] });
  });

  it('is put and announced by SES for that rule of this account, and by no other', () => {
    for (const [type, action] of [
      ['AWS::S3::BucketPolicy', 's3:PutObject'],
      ['AWS::SNS::TopicPolicy', 'sns:Publish'],
    ] as const) {
      const statements = sesMay(type);
      expect(statements).toHaveLength(1);
      expect(statements[0]).toMatchObject({
        Effect: 'Allow',
        Action: action,
        Condition: {
          StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
          ArnEquals: { 'aws:SourceArn': rule },
        },
      });
    }
  });

  it('is read by a function that may read mail and change aggregates, but no claim', () => {
    const actions = grantsOf(resources, 'reports').flatMap(({ Action: action }) => list(action));
    expect(actions.filter((action) => /^(?:dynamodb|s3|sqs:Send)/.test(action)).sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:ListBucket',
      'sqs:SendMessage',
    ]);
  });

  it('takes no more of the account than ten functions at a time', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);
    expect(mappings.map(({ ScalingConfig: scaling }) => scaling)).toEqual([
      { MaximumConcurrency: 10 },
      { MaximumConcurrency: 10 },
    ]);
  });
});
