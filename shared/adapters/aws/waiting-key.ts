import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import type { TransactWrite } from './dynamo.ts';

type Item = Record<string, unknown>;

/** The one partition of the index `due`; a key whose private half is published is not in it. */
export const DUE = 'due';

/** A key that waits to be disclosed, as an item of the table `disclosures`. */
export const waitingItem = ({ id, ...rest }: WaitingKey): Item => ({
  keyId: id,
  ...rest,
  due: DUE,
});

export const waitingOf = ({ keyId, due: _due, ...rest }: Item): WaitingKey =>
  ({ id: keyId, ...rest }) as unknown as WaitingKey;

/** The write that keeps a key as it leaves its ring, for the transaction that has it leave. */
export const putWaiting = (table: string, key: WaitingKey): TransactWrite => ({
  Put: { TableName: table, Item: waitingItem(key) },
});
