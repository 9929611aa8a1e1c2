import { DeleteCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  ANSWER_HOURS,
  RUN_SECONDS,
  type AnswerStore,
  type Begun,
  type RepeatableRequest,
  type StoredAnswer,
} from '#shared/app/ports/answer-store.ts';
import type { SecretBox } from '#shared/app/ports/secret-box.ts';
import { HOUR_MS } from '#shared/core/time.ts';
import { isConditionFailed } from './dynamo.ts';
import { bytes, keyedReader, mapOf, number, object, optional, text, type Item } from './item.ts';

interface RequestItem {
  readonly fingerprint: string;
  readonly run: string;
  /** When the run has it no longer, epoch milliseconds. */
  readonly runsUntil: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of `body`, where that holds a secret. */
  readonly sealedBody?: Uint8Array;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

const requestItem = object<RequestItem>({
  fingerprint: text(),
  run: text(),
  runsUntil: number,
  status: optional(number),
  headers: optional(mapOf(text())),
  body: optional(text()),
  sealedBody: optional(bytes),
  expiresAt: number,
});

const keyOf = ({ owner, operation, key }: RepeatableRequest) => ({
  pk: owner,
  sk: `${operation}#${key}`,
});

const contextOf = ({ owner, operation, key }: RepeatableRequest) => ({
  purpose: 'answer' as const,
  tenant: owner,
  id: `${operation}#${key}`,
});

const secondsOf = (milliseconds: number): number => Math.ceil(milliseconds / 1_000);

/**
 * Requests and their answers in the table `answers`, under their owner.
 *
 * @param box seals answers that hold a secret; absent where no operation has such an answer
 */
export function dynamoAnswerStore(
  client: DynamoDBDocumentClient,
  table: string,
  box?: SecretBox,
): AnswerStore {
  const read = keyedReader(table, requestItem);

  const requireBox = (): SecretBox => {
    if (box !== undefined) return box;
    throw new Error(`an answer in ${table} holds a secret, and this function seals none`);
  };

  async function begunFrom(request: RepeatableRequest, item: RequestItem): Promise<Begun> {
    if (item.fingerprint !== request.fingerprint) return { kind: 'reused' };
    const { status, headers = {}, sealedBody } = item;
    if (status === undefined) return { kind: 'running', until: item.runsUntil };
    const body =
      sealedBody === undefined
        ? (item.body ?? '')
        : await requireBox().open(sealedBody, contextOf(request));
    const isSecret = sealedBody !== undefined;
    return { kind: 'answered', answer: { status, headers, body, isSecret } };
  }

  const bodyOf = async (request: RepeatableRequest, { body, isSecret }: StoredAnswer) =>
    isSecret ? { sealedBody: await requireBox().seal(body, contextOf(request)) } : { body };

  return {
    async begin(request, now) {
      const { fingerprint, run } = request;
      const runsUntil = now.getTime() + RUN_SECONDS * 1_000;
      const item: RequestItem = { fingerprint, run, runsUntil, expiresAt: secondsOf(runsUntil) };
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...keyOf(request), ...item },
            // DynamoDB deletes what has expired within days, not at once.
            ConditionExpression:
              'attribute_not_exists(pk) OR expiresAt <= :seconds OR (attribute_not_exists(#status) AND runsUntil <= :now AND fingerprint = :fingerprint)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':seconds': Math.floor(now.getTime() / 1_000),
              ':now': now.getTime(),
              ':fingerprint': fingerprint,
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { kind: 'begun' };
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return begunFrom(request, read(unmarshall(error.Item ?? {}) as Item));
      }
    },

    async finish(request, answer, now) {
      const { fingerprint, run } = request;
      const { status, headers } = answer;
      const item = {
        ...keyOf(request),
        ...(await bodyOf(request, answer)),
        fingerprint,
        run,
        runsUntil: now.getTime(),
        status,
        headers,
        expiresAt: secondsOf(now.getTime() + ANSWER_HOURS * HOUR_MS),
      };
      await inPlace(() =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: item,
            ConditionExpression: 'run = :run',
            ExpressionAttributeValues: { ':run': run },
          }),
        ),
      );
    },

    async release(request) {
      await inPlace(() =>
        client.send(
          new DeleteCommand({
            TableName: table,
            Key: keyOf(request),
            ConditionExpression: 'run = :run',
            ExpressionAttributeValues: { ':run': request.run },
          }),
        ),
      );
    },
  };
}

/** Writes where the request is still this run's; another run may have it by now, or it expired. */
const inPlace = async (write: () => Promise<unknown>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
};
