import { roleScopes } from '#shared/core/model/roles.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import { code, type Table } from './markdown.ts';

/** Every role, with its scopes. */
export const roles: Table = {
  columns: ['role', 'scopes'],
  rows: Object.entries(roleScopes).map(([role, scopes]) => [
    code(role),
    scopes.length === allScopes.length ? 'all' : scopes.map(code).join(' '),
  ]),
};
