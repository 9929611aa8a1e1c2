import {
  domainEventKinds,
  domainEventTypes,
  eventKinds,
  eventTypes,
} from '#shared/core/model/events/kinds.ts';
import { code, type Table } from './markdown.ts';

/** The kinds of event about a domain. */
export const domainEvents: Table = {
  columns: ['`type`', 'title', 'what happened', '`data`'],
  rows: domainEventTypes.map((type) => {
    const { title, happened, data = '–' } = domainEventKinds[type];
    return [code(type), title, happened, data];
  }),
};

/** The kinds of event about a mail. */
export const mailEvents: Table = {
  columns: ['`type`', 'title', 'what happened'],
  rows: eventTypes
    .filter((type) => !(domainEventTypes as readonly string[]).includes(type))
    .map((type) => [code(type), eventKinds[type].title, eventKinds[type].happened]),
};
