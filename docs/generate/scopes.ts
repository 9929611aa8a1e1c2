import { routes as declared } from '#shared/api/routes/index.ts';
import { scopeTexts } from '#shared/core/model/scopes.ts';
import { code, type Table } from './markdown.ts';

/** Every scope, with the number of routes that need it. */
export const scopes: Table = {
  columns: ['scope', 'what it allows', 'routes'],
  rows: Object.entries(scopeTexts).map(([scope, text]) => [
    code(scope),
    text,
    String(Object.values(declared).filter((route) => route.scope === scope).length),
  ]),
};
