import { billFor, idleBill, services, totalOf, type Month } from '../../cli/cost/bill.ts';
import { compared, dollarsOf } from '../../cli/cost/compare.ts';
import type { Table } from './markdown.ts';

/** The months that README.md has a column for. */
const months: readonly (readonly [name: string, month: Month])[] = [
  ['1,000 domains, a million mails', { domains: 1_000, messages: 1_000_000, smtp: false }],
  ['the same by SMTP', { domains: 1_000, messages: 1_000_000, smtp: true }],
  ['100 domains, 10 million mails', { domains: 100, messages: 10_000_000, smtp: false }],
];

const bills = [idleBill(), ...months.map(([, month]) => billFor(month))];

/** The bill by service, as `npm run cost` prints it. */
export const costs: Table = {
  columns: ['a month', 'no use', ...months.map(([name]) => name)],
  rows: [
    ...services.map((service) => [service, ...bills.map((bill) => dollarsOf(bill[service]))]),
    ['**in all**', ...bills.map((bill) => `**${dollarsOf(totalOf(bill))}**`)],
    ...compared(1_000_000).map(([name], index) => [
      `*${name}*`,
      '',
      ...months.map(([, { messages }]) => `*${dollarsOf(compared(messages)[index]?.[1] ?? 0)}*`),
    ]),
  ],
};
