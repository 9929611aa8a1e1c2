import {
  domainEventTypes,
  eventKinds,
  eventTypes,
  type EventType,
} from '#shared/core/model/events/kinds.ts';
import { code, type Table } from './markdown.ts';

const rowsOf = (types: readonly EventType[]) =>
  types.map((type) => [code(type), eventKinds[type].title]);

/** The kinds of event about a domain. */
export const domainEvents: Table = {
  columns: ['`type`', 'title'],
  rows: rowsOf(domainEventTypes),
  byHand: ['what happened', '`data`'],
};

/** The kinds of event about a mail. */
export const mailEvents: Table = {
  columns: ['`type`', 'title'],
  rows: rowsOf(
    eventTypes.filter((type) => !(domainEventTypes as readonly string[]).includes(type)),
  ),
  byHand: ['what happened'],
};
