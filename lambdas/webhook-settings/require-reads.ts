import { contextOf, scopesOf, type ApiEvent } from '#shared/api/http.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { readScopeOf, type EventType } from '#shared/core/model/events/kinds.ts';

/**
 * Checks that a caller may read what a webhook receives. So no credential reads by way of a webhook
 * what it may not read itself: not by making one, nor by having another's sent elsewhere.
 *
 * @param receiver of the events, as the refusal names it
 * @throws Refusal `forbidden`
 */
export function requireReads(
  event: ApiEvent,
  types: readonly EventType[],
  receiver = 'A webhook',
): void {
  const { tenant, platform } = contextOf(event) ?? {};
  // A platform that calls for itself reads all of its tenants.
  if (tenant === undefined && platform !== undefined) return;
  const scopes = scopesOf(event);
  const beyond = types.find((type) => !scopes.includes(readScopeOf(type)));
  if (beyond === undefined) return;
  throw new Refusal(
    'forbidden',
    `${receiver} gets only what you may read, and "${beyond}" needs the scope "${readScopeOf(beyond)}", which you lack.`,
  );
}
