import { BudgetExceeded, Refusal } from '#shared/core/model/errors.ts';
import { HOUR_MS } from '#shared/core/time.ts';
import type { DomainName } from '#shared/core/model/names.ts';

export const alreadyClaimed = (domain: DomainName) =>
  new Refusal(
    'domain-already-claimed',
    `You claimed ${domain} before; read it at /v1/domains/${domain}.`,
  );

export const keyReused = () =>
  new Refusal(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another domain; send a new key with every new request.',
  );

export const tooManyPending = (limit: number | undefined) =>
  new BudgetExceeded(
    'pending-claims',
    `You have ${limit ?? 'too many'} domains that are not verified yet; publish their records, or delete those that you do not need.`,
    HOUR_MS / 1_000,
    'too-many-pending-claims',
  );
