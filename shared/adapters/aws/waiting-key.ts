import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import { keyMaterial } from './claim-store/parse.ts';
import type { TransactWrite } from './dynamo.ts';
import { number, object, optional, parse, text, type Item } from './item.ts';

/** The one partition of the index `due`; a key whose private half is published is not in it. */
export const DUE = 'due';

/** A key that waits to be disclosed, as an item of the table `disclosures`. */
export const waitingItem = ({ id, ...rest }: WaitingKey): Item => ({
  keyId: id,
  ...rest,
  due: DUE,
});

const waitingKey = object<WaitingKey>({
  ...keyMaterial,
  selector: text(),
  tenant: text(),
  domain: text(),
  label: text(),
  lastSignedAt: text(),
  consentedAt: text(),
  revision: number,
  dueAt: text(),
  goneSince: optional(text()),
});

/** Reads a key that waits to be disclosed. @throws StoredItemError */
export const waitingOf = (table: string, { keyId, due: _due, ...rest }: Item): WaitingKey =>
  parse(waitingKey, { id: keyId, ...rest }, { table, key: { label: rest['label'], keyId } });

/** The write that keeps a key as it leaves its ring, for the transaction that has it leave. */
export const putWaiting = (table: string, key: WaitingKey): TransactWrite => ({
  Put: { TableName: table, Item: waitingItem(key) },
});
