import * as z from 'zod';
import { routes as declared } from '#shared/api/routes/index.ts';
import {
  readsItself,
  takesIdempotencyKey,
  type Route,
  routeKeyOf,
} from '#shared/api/routes/route.ts';
import { code, type Table } from './markdown.ts';

/** Every request that the API takes. */
export const routes: Table = {
  columns: ['request', 'takes', 'scope', 'status', 'what it does'],
  rows: Object.values<Route>(declared).map((route) => [
    code(routeKeyOf(route)),
    takes(route).map(code).join(' '),
    route.scope === null ? 'none' : code(route.scope),
    [route.answer, route.unfinished].flatMap((answer) => answer?.status ?? []).join(', '),
    [route.summary, route.description].filter((text) => text !== undefined).join('. '),
  ]),
};

/** The names of the query's parameters, and of the body's fields. */
function takes({ query, body, ...route }: Route): string[] {
  const parameters = Object.keys(query?.shape ?? {}).map((name) => `?${name}=`);
  const header = takesIdempotencyKey(route) ? ['Idempotency-Key'] : [];
  return [...parameters, ...bodyOf(body), ...header];
}

function bodyOf(body: Route['body']): string[] {
  if (body === undefined) return [];
  if (readsItself(body)) return Object.keys(body.byMediaType);
  const { properties = {} } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return [`{${Object.keys(properties).join(', ')}}`];
}
