import type { Uses } from './declaration.ts';
import type { TableName } from './tables.ts';

/** The variable that holds a table's name: `REVOKED_KEYS_TABLE` of `revokedKeys`. */
export const tableVariable = <Name extends TableName>(name: Name) =>
  `${screaming(name)}_TABLE` as const;
/** The variable that holds a queue's URL: `ROLL_OUT_QUEUE_URL` of `roll-out`. */
export const queueVariable = <Name extends string>(name: Name) =>
  `${screaming(name)}_QUEUE_URL` as const;
/** The variable that holds the name of the event bus. */
export const BUS_VARIABLE = 'EVENT_BUS';
/** The variable that holds the ARN of the wrapping key. */
export const WRAPPING_KEY_VARIABLE = 'WRAPPING_KEY_ARN';
/** The variable that holds the ARN of the key that seals secrets of tenants. */
export const SECRETS_KEY_VARIABLE = 'SECRETS_KEY_ARN';

const screaming = <Name extends string>(name: Name) =>
  name.replace(/[A-Z]/g, '_$&').replaceAll('-', '_').toUpperCase() as Screaming<Name>;
type Screaming<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends '-' ? '_' : First extends Lowercase<First> ? Uppercase<First> : `_${First}`}${Screaming<Rest>}`
  : '';

/** The settings that a declaration names. */
export type SettingOf<Declaration> =
  | ItemOf<Declaration, 'settings'>
  | ItemOf<Declaration, 'optionalSettings'>;
type ItemOf<Declaration, Key extends keyof Uses> =
  Declaration extends Record<Key, readonly (infer Item extends string)[]> ? Item : never;
type TableOf<Declaration> = Declaration extends { readonly tables: infer Tables }
  ? keyof Tables & TableName
  : never;

/** The variables that a declaration implies: tables, queues, keys, the bus, settings. */
export type Environment<Declaration> = Readonly<
  Record<
    | ReturnType<typeof tableVariable<TableOf<Declaration>>>
    | ReturnType<typeof queueVariable<ItemOf<Declaration, 'sendsTo'>>>
    | (Declaration extends { readonly wrappingKey: readonly string[] }
        ? typeof WRAPPING_KEY_VARIABLE
        : never)
    | (Declaration extends { readonly secretsKey: object } ? typeof SECRETS_KEY_VARIABLE : never)
    | (Declaration extends { readonly putsEvents: true } ? typeof BUS_VARIABLE : never)
    | SettingOf<Declaration>,
    string
  >
>;
