import { MAIL_OCTETS } from './bill.ts';
import { others, prices } from './prices.ts';

/** The dollars of an amount, with cents. */
export const dollarsOf = (amount: number): string =>
  `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/**
 * What others ask for so many mails a month, by their lists: the smallest plan that has them, or the
 * largest as many times as it takes.
 */
export function compared(messages: number): (readonly [name: string, dollars: number])[] {
  const ses =
    (prices.mail.dollars / prices.mail.per) * messages +
    (prices.mailOctet.dollars / prices.mailOctet.per) * messages * MAIL_OCTETS;
  return [
    ['Amazon SES alone', ses],
    ...others.map(({ name, plans }) => {
      const plan = plans.find(([mails]) => mails >= messages);
      const [mails, price] = plans.at(-1)!;
      return [name, plan?.[1] ?? price * (messages / mails)] as const;
    }),
  ];
}
