import createClient from 'openapi-fetch';
import type { components, operations, paths } from './schema.d.ts';

export type Domain = components['schemas']['Domain'];
export type DomainInShort = components['schemas']['DomainInShort'];
export type RecentMail = components['schemas']['RecentMail'];
export type Suppression = components['schemas']['SuppressionPage']['suppressions'][number];
export type DomainRecord = components['schemas']['Record'];
export type SigningKey = components['schemas']['KeyHistory']['keys'][number];
export type RotationReason = components['schemas']['RotationRequest']['reason'];
export type Reports = components['schemas']['Reports'];
export type PolicyEffects = components['schemas']['PolicyEffects'];
export type SourceDecision = components['schemas']['SourceChange']['decision'];
export type Webhook = components['schemas']['Webhook'];
export type WebhookEvent = Webhook['events'][number];
export type NoticeRecipient = components['schemas']['Notices']['recipients'][number];
export type Delivery = components['schemas']['DeliveryPage']['deliveries'][number];
export type RecordFormat = NonNullable<
  NonNullable<operations['exportRecords']['parameters']['query']>['format']
>;
export type SpfTree = components['schemas']['SpfTree'];
export type StepAhead = components['schemas']['DmarcPlan']['steps'][number];
export type SenderPolicy = components['schemas']['SenderPolicy'];
export type ChangeRequest = components['schemas']['ChangeRequest'];
export type Tenant = components['schemas']['Tenant'];
export type Import = components['schemas']['Import'];
export type ImportRow = components['schemas']['ImportRowPage']['rows'][number];
export type Limit = components['schemas']['LimitList']['limits'][number];
export type User = components['schemas']['User'];
export type ApiKey = components['schemas']['ApiKey'];
export type Scope = ApiKey['scopes'][number];
export type Message = components['schemas']['Message'];
export type MessageSummary = components['schemas']['MessagePage']['messages'][number];
export type DomainEvent = components['schemas']['EventPage']['events'][number];
type Problem = components['schemas']['Problem'];

/** An answer of the API that is not what was asked for; `message` says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** `code` of the problem details; undefined where API Gateway answered itself. */
  readonly code: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? adviceOf(status));
    this.status = status;
    this.code = problem.code;
    this.retryAfter = problem.retryAfter;
  }
}

/** Explains API Gateway's own answers, which say no more than `Forbidden`, to a person. */
function adviceOf(status: number): string {
  if (status === 413) return 'This is too large: at most 10 MB can be sent.';
  if (status === 429) return 'Too many requests at once; wait a moment and try again.';
  if (status === 401 || status === 403) return 'You are not signed in any more; sign in again.';
  return `The service could not answer (${status}); try again in a minute.`;
}

/**
 * Returns true if the API no longer takes this key or token, rather than refusing this one request.
 */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.status === 401 || (error.status === 403 && error.code === undefined));

/** The service was not reached at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(cause: unknown) {
    super(
      'The service cannot be reached. Check your connection; this page tries again by itself.',
      {
        cause,
      },
    );
  }
}

/**
 * The API, on the page's own origin.
 *
 * @param token gives the API key or access token of each request
 * @param account the id of the account that a user of several chose
 */
export function apiClient(token: () => Promise<string>, account?: string) {
  const client = createClient<paths>({ baseUrl: '/' });
  client.use({
    async onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${await token()}`);
      if (account !== undefined) request.headers.set('sender-domains-tenant', account);
    },
    onError: ({ error }) => (error instanceof TypeError ? new Unreachable(error) : undefined),
  });
  return client;
}

export type Api = ReturnType<typeof apiClient>;

/**
 * The body of an answer.
 *
 * @throws ApiError where the API refused
 * @throws Unreachable
 */
export async function answerOf<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<NonNullable<T>> {
  const { data, error, response } = await call;
  refuse(response, error);
  if (data === undefined || data === null) throw new ApiError(response.status, {});
  return data;
}

/** @throws ApiError where the API refused */
export function refuse(response: Response, error: unknown): void {
  if (!response.ok) throw new ApiError(response.status, isProblem(error) ? error : {});
}

const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && 'detail' in error;

/** Names a request, so that sending it again after a lost answer does nothing twice. */
export const idempotencyKey = (): string => crypto.randomUUID();
