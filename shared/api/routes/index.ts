import { apiKeys } from './api-keys.ts';
import { audit } from './audit.ts';
import { contacts } from './contacts.ts';
import { dmarcPlan } from './dmarc-plan.ts';
import { domainConnect } from './domain-connect.ts';
import { domains } from './domains.ts';
import { events } from './events.ts';
import { imports } from './imports.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import { messages } from './messages.ts';
import { notices } from './notices.ts';
import { ownAccountRoutes } from './own-accounts.ts';
import { policyEffects } from './policy-effects.ts';
import { reports } from './reports.ts';
import { routeKeyOf, type Route, type RouteKey } from './route.ts';
import { senders } from './senders.ts';
import { shareLinks } from './share-links.ts';
import { sources } from './sources.ts';
import { suppressions } from './suppressions.ts';
import { tenants } from './tenants.ts';
import { todo } from './todo.ts';
import { uploads } from './uploads.ts';
import { users } from './users.ts';
import { webhooks } from './webhooks.ts';

/** Every route of the API, by its operation. */
export const routes = {
  ...domains,
  ...keys,
  ...events,
  ...reports,
  ...dmarcPlan,
  ...policyEffects,
  ...senders,
  ...sources,
  ...shareLinks,
  ...contacts,
  ...domainConnect,
  ...webhooks,
  ...notices,
  ...messages,
  ...uploads,
  ...suppressions,
  ...users,
  ...ownAccountRoutes,
  ...apiKeys,
  ...limits,
  ...tenants,
  ...imports,
  ...todo,
  ...audit,
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;

export type Operation = keyof Routes;

/** The operations that a function answers. */
export type OperationsOf<F extends string> = {
  [O in Operation]: Routes[O]['function'] extends F ? O : never;
}[Operation];

/** Every route as API Gateway writes it. */
export const routeKeys: readonly RouteKey[] = Object.values(routes).map(routeKeyOf);

/**
 * The routes that a function answers, as API Gateway writes them.
 *
 * @param guarded true for those that take an API key, false for those whose path is a secret
 */
export const routeKeysOf = (name: string, guarded: boolean): RouteKey[] =>
  Object.values<Route>(routes)
    .filter((route) => route.function === name && (route.scope !== null) === guarded)
    .map(routeKeyOf);
