import type { Uses } from './declaration.ts';
import type { TableName } from './tables.ts';
import {
  BUS_VARIABLE,
  type Environment,
  queueVariable,
  SECRETS_KEY_VARIABLE,
  tableVariable,
  WRAPPING_KEY_VARIABLE,
} from './variables.ts';

/**
 * Reads the variables of a function or container at start-up, so that one that is wired wrongly fails before it
 * serves.
 *
 * @throws Error that names every variable that is missing, or empty and not optional
 */
export function environmentOf<Declaration extends Uses>({
  tables = {},
  sendsTo = [],
  wrappingKey,
  secretsKey,
  putsEvents,
  settings = [],
  optionalSettings = [],
}: Declaration): Environment<Declaration> {
  const names: string[] = [
    ...(Object.keys(tables) as TableName[]).map(tableVariable),
    ...sendsTo.map(queueVariable),
    ...(wrappingKey === undefined ? [] : [WRAPPING_KEY_VARIABLE]),
    ...(secretsKey === undefined ? [] : [SECRETS_KEY_VARIABLE]),
    ...(putsEvents ? [BUS_VARIABLE] : []),
    ...settings,
  ];
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`missing environment variables: ${missing.join(', ')}`);
  return Object.fromEntries(
    [...names, ...optionalSettings].map((name) => [name, process.env[name] ?? '']),
  ) as Environment<Declaration>;
}
