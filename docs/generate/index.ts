import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { alarms } from './alarms.ts';
import { App, type Stack } from './app.ts';
import { budgets } from './budgets.ts';
import { costs } from './costs.ts';
import { decisions } from './decisions.ts';
import { domainEvents, mailEvents } from './events.ts';
import { functionRights } from './function-rights.ts';
import { functions } from './functions.ts';
import { importedPolicies } from './imported-policies.ts';
import type { Tables } from './markdown.ts';
import { deadLetters, queues } from './queues.ts';
import { recordCodes } from './record-codes.ts';
import { repairs } from './repairs.ts';
import { roles } from './roles.ts';
import { routes } from './routes.ts';
import { scopes } from './scopes.ts';
import { tables } from './tables.ts';

/**
 * Every generated table, by the name that documents mark it with.
 *
 * @param name the deployment's name
 */
export function generatedTables(stacks: readonly Stack[], name: string): Tables {
  const app = new App(stacks, name);
  return {
    functions: functions(app),
    'function-rights': functionRights(app),
    queues: queues(app),
    'dead-letters': deadLetters(app),
    tables: tables(app),
    alarms: alarms(app),
    roles,
    routes,
    scopes,
    budgets,
    'domain-events': domainEvents,
    'mail-events': mailEvents,
    'record-codes': recordCodes,
    repairs,
    'imported-policies': importedPolicies,
    costs,
    decisions: decisions(),
  };
}

const checkout = resolve(import.meta.dirname, '../..');

/** The documents that may have generated tables. */
export const documents = (): string[] =>
  globSync(['README.md', 'docs/**/*.md'], { cwd: checkout }).map((file) => join(checkout, file));
