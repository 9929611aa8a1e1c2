import type { BudgetName } from './budgets.ts';

/**
 * A request that cannot be done as asked. Handlers turn it into an RFC 9457 problem; it is never
 * retried, and nothing was changed. The message says what was wrong, with what, and what to do.
 */
export class Refusal extends Error {
  /** Machine-readable reason, stable across releases: `domain-is-public-suffix`. */
  readonly code: RefusalCode;
  /** Seconds after which the same request may succeed, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, message: string, retryAfter?: number) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Every reason the service gives for refusing, with the HTTP status that it is answered with. */
export const refusalStatus = {
  // malformed input
  'invalid-json': 400,
  'invalid-body': 400,
  'invalid-parameter': 400,
  'invalid-cursor': 400,
  'unsupported-media-type': 415,
  'payload-too-large': 413,
  // names
  'domain-invalid': 422,
  'domain-is-public-suffix': 422,
  'domain-not-claimable': 422,
  // access
  unauthenticated: 401,
  forbidden: 403,
  'account-suspended': 403,
  'account-closed': 403,
  'tenant-required': 400,
  'tenant-not-found': 404,
  'origin-not-allowed': 403,
  'origin-unknown': 422,
  'operators-decision': 409,
  'not-found': 404,
  'method-not-allowed': 405,
  // state
  'domain-already-claimed': 409,
  'domain-deleting': 409,
  'domain-not-verified': 409,
  'domain-parked': 409,
  'domain-delegated': 409,
  'delegation-not-offered': 409,
  'rotation-not-due': 409,
  'rotation-held-back': 409,
  'disclosure-not-offered': 409,
  'mail-not-offered': 409,
  'settings-changed': 409,
  'cnames-not-seen': 409,
  'idempotency-key-reused': 422,
  'request-in-progress': 409,
  'too-many-pending-claims': 429,
  'too-many-api-keys': 409,
  'user-exists': 409,
  'last-user': 409,
  'too-many-users': 409,
  'too-many-requests': 429,
  'budget-exceeded': 429,
  'no-capacity': 503,
  busy: 503,
  // settings
  'spf-invalid': 422,
  'spf-too-long': 422,
  'spf-too-many-lookups': 422,
  'dmarc-invalid': 422,
  'webhook-invalid': 422,
  'too-many-webhooks': 409,
  'webhook-off': 409,
  // messages
  'message-refused': 422,
  'from-refused': 422,
  'sender-refused': 422,
  'recipients-refused': 422,
  'upload-not-found': 422,
} as const satisfies Record<string, number>;

export type RefusalCode = keyof typeof refusalStatus;

/** A tenant has used up a budget. Nothing was changed. */
export class BudgetExceeded extends Refusal {
  /** The budget, as `GET /v1/limits` names it. */
  readonly budget: BudgetName;

  constructor(
    budget: BudgetName,
    message: string,
    retryAfter?: number,
    code: RefusalCode = 'budget-exceeded',
  ) {
    super(code, message, retryAfter);
    this.name = 'BudgetExceeded';
    this.budget = budget;
  }
}

/**
 * A conditional write failed, since another writer wrote first. The use case reads and decides
 * again; at-least-once delivery makes this ordinary, not exceptional.
 */
export class Conflict extends Error {
  constructor(what: string) {
    super(`${what} was changed by another writer`);
    this.name = 'Conflict';
  }
}

/**
 * The other side asked us to slow down (AWS throttling, `PriorRequestNotComplete`, SES rate). The
 * outcome is known: nothing was done. The caller waits and tries again without counting a failure.
 */
export class Throttled extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`${what} asked us to slow down`, options);
    this.name = 'Throttled';
  }
}

/**
 * A stored item is not what this release writes or reads: a field is missing, or has another type.
 * Waiting does not help. The message names table, key and field, never a value.
 */
export class StoredItemError extends Error {
  constructor(table: string, key: Readonly<Record<string, unknown>>, field: string) {
    super(
      `the item ${JSON.stringify(key)} of the table ${table} is malformed at ${field || 'its root'}`,
    );
    this.name = 'StoredItemError';
  }
}
