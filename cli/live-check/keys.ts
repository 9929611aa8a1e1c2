import { EncryptCommand, GenerateDataKeyPairWithoutPlaintextCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';
import {
  GetQueueUrlCommand,
  GetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Check } from './check.ts';

const DENIED = ['AccessDenied', 'AccessDeniedException'];

/** An encryption context as the service gives it, of nobody. */
const context = {
  tenant: 'live-check',
  domain: 'live-check',
  selector: 'zero',
  keyId: 'live-check',
};

export const keys = {
  'wrapping-key-makes': {
    line: 'The wrapping key makes key pairs for its functions only, not for an administrator.',
    row: 'Key policy conditions on',
    run: ({ kms, name }, bytes) =>
      bytes.refused('GenerateDataKeyPairWithoutPlaintext', DENIED, () =>
        kms.send(
          new GenerateDataKeyPairWithoutPlaintextCommand({
            KeyId: `alias/${name}-wrapping`,
            KeyPairSpec: 'RSA_2048',
            EncryptionContext: context,
          }),
        ),
      ),
  },
  'wrapping-key-encrypts': {
    line: 'The wrapping key encrypts nothing else.',
    run: ({ kms, name }, bytes) =>
      bytes.refused('Encrypt by the wrapping key', DENIED, () =>
        kms.send(
          new EncryptCommand({ KeyId: `alias/${name}-wrapping`, Plaintext: Buffer.from('x') }),
        ),
      ),
  },
  'secrets-key': {
    line: 'The key of secrets seals for its functions only.',
    row: 'The key `<name>-secrets` seals and opens',
    run: ({ kms, name }, bytes) =>
      bytes.refused('Encrypt by the key of secrets', DENIED, () =>
        kms.send(
          new EncryptCommand({
            KeyId: `alias/${name}-secrets`,
            Plaintext: Buffer.from('x'),
            EncryptionContext: { purpose: 'webhook', tenant: 'live-check', id: 'live-check' },
          }),
        ),
      ),
  },
  'revocations-stay': {
    line: 'The bucket of revocations refuses a deletion, of one object or of several.',
    row: 'The bucket of revocations refuses every deletion',
    async run({ s3, revocations: Bucket }, bytes) {
      // There is no such object, so nothing is lost where it is not refused.
      const Key = 'revoked/live-check';
      await bytes.refused('DeleteObject', DENIED, () =>
        s3.send(new DeleteObjectCommand({ Bucket, Key })),
      );
      await bytes.refused('DeleteObjects', DENIED, async () => {
        const { Errors: errors = [], Deleted: deleted = [] } = await s3.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }),
        );
        // S3 answers 200, with an error for each object.
        const [first] = errors;
        if (first !== undefined && deleted.length === 0) {
          throw Object.assign(new Error(first.Message), { name: first.Code });
        }
      });
    },
  },
  'undelivered-not-moved': {
    line: 'SQS moves no messages of a queue that none of its queues fills, so that ops redrive sends them itself.',
    async run({ sqs, name }, bytes) {
      const { QueueUrl } = await bytes.of('GetQueueUrl', () =>
        sqs.send(new GetQueueUrlCommand({ QueueName: `${name}-webhook-undelivered` })),
      );
      const { Attributes: attributes } = await bytes.of('GetQueueAttributes', () =>
        sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })),
      );
      await bytes.refused('StartMessageMoveTask', ['InvalidParameterValue'], () =>
        sqs.send(new StartMessageMoveTaskCommand({ SourceArn: attributes?.QueueArn })),
      );
    },
  },
} as const satisfies Readonly<Record<string, Check>>;
