import { sha256Hex } from '#shared/core/digest.ts';
import type { AnswerStore, Begun, RepeatableRequest } from '#shared/app/ports/answer-store.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { bodyOf, idempotencyKeyOf, type ApiEvent, type ApiResult } from './http.ts';
import type { Route } from './routes/route.ts';

/** The ports by which a request that is sent again gets the answer it had. */
export interface AnswerPorts {
  readonly answers: AnswerStore;
  readonly clock: Clock;
}

/** A POST request, whose caller may do what it asks for. */
export interface Asked {
  readonly operation: string;
  readonly route: Route;
  readonly event: ApiEvent;
  /** To whom its Idempotency-Key belongs. */
  readonly owner: TenantId | PlatformId;
}

/** Seconds after which a client whose request is under way may ask again. */
const RUNNING_RETRY_SECONDS = 2;

/**
 * Runs a request, and keeps its answer under its Idempotency-Key; a repetition gets that answer, octet
 * for octet. A refusal is not kept, since nothing was changed. After a crash the next repetition runs.
 *
 * A request without the header costs nothing here; one with it two writes.
 *
 * @param log receives failures that do not change the answer
 * @throws Refusal `invalid-parameter`, `idempotency-key-reused`, `request-in-progress`; and whatever
 *   `run` does
 */
export async function answeredOnce(
  asked: Asked,
  ports: AnswerPorts,
  run: () => Promise<ApiResult>,
  log: (error: unknown) => void,
): Promise<ApiResult> {
  const key = idempotencyKeyOf(asked.event);
  if (key === undefined || asked.route.keepsOwnAnswers === true) return run();
  const { answers, clock } = ports;
  const request = requestOf(asked, key);
  const begun = await answers.begin(request, clock.now());
  if (begun.kind !== 'begun') return answerTo(begun);
  let result: ApiResult;
  try {
    result = await run();
  } catch (error) {
    await answers.release(request).catch(log);
    throw error;
  }
  const { statusCode: status = 200, headers = {}, body = '' } = result;
  const isSecret = asked.route.answersSecret === true;
  const stored = { status, headers: headers as Record<string, string>, body, isSecret };
  // It was done: the client learns so, even where a repetition will not.
  await answers.finish(request, stored, clock.now()).catch(log);
  return result;
}

function answerTo(begun: Begun): ApiResult {
  if (begun.kind === 'answered') {
    const { status: statusCode, headers, body } = begun.answer;
    return { statusCode, headers: { ...headers, 'idempotent-replayed': 'true' }, body };
  }
  if (begun.kind === 'running') {
    throw new Refusal(
      'request-in-progress',
      'A request with this Idempotency-Key is under way; send it again in a moment to get its answer.',
      RUNNING_RETRY_SECONDS,
    );
  }
  throw new Refusal(
    'idempotency-key-reused',
    'This Idempotency-Key was sent before, with another path, query or body; send a new key with every new request.',
  );
}

function requestOf({ operation, event, owner }: Asked, key: string): RepeatableRequest {
  const { rawPath, rawQueryString, requestContext } = event;
  return {
    owner,
    operation,
    key: sha256Hex(key),
    fingerprint: sha256Hex(JSON.stringify([rawPath, rawQueryString, sha256Hex(bodyOf(event))])),
    run: requestContext.requestId,
  };
}
