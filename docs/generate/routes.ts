import * as z from 'zod';
import { routes as declared } from '#shared/api/routes/index.ts';
import { type Route, routeKeyOf } from '#shared/api/routes/route.ts';
import { code, type Table } from './markdown.ts';

/** Every request that the API takes. */
export const routes: Table = {
  columns: ['request', 'takes', 'scope', 'status', 'what it does'],
  rows: Object.values<Route>(declared).map((route) => [
    code(routeKeyOf(route)),
    takes(route).map(code).join(' '),
    route.scope === null ? 'none' : code(route.scope),
    String(route.answer.status),
    [route.summary, route.description].filter((text) => text !== undefined).join('. '),
  ]),
};

/** The names of the query's parameters, and of the body's fields. */
function takes({ query, body, idempotent }: Route): string[] {
  const parameters = Object.keys(query?.shape ?? {}).map((name) => `?${name}=`);
  const header = idempotent === true ? ['Idempotency-Key'] : [];
  return [...parameters, ...bodyOf(body), ...header];
}

function bodyOf(body: Route['body']): string[] {
  if (body === undefined) return [];
  if (typeof body === 'string') return [body];
  const { properties = {} } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return [`{${Object.keys(properties).join(', ')}}`];
}
