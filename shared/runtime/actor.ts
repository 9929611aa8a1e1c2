import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Actor } from '#shared/core/audit/entry.ts';

const acting = new AsyncLocalStorage<Actor>();

/** Does work in somebody's name: every change that it makes has them in its entry of the audit log. */
export const actingAs = <T>(actor: Actor, work: () => T): T => acting.run(actor, work);

/** Does all that follows in somebody's name, for a command that one person runs. */
export const actAs = (actor: Actor): void => acting.enterWith(actor);

/** The service itself, in a function of its own accord. */
export const serviceActor = (name: string, requestId: string = randomUUID()): Actor => ({
  kind: 'service',
  id: name,
  operation: name,
  requestId,
});

/**
 * Returns in whose name the work is done.
 *
 * @throws Error where nobody said so: a change by nobody is not made
 */
export function currentActor(): Actor {
  const actor = acting.getStore();
  if (actor !== undefined) return actor;
  throw new Error('a change must be made in the name of somebody: see shared/runtime/actor.ts');
}
