import { billFor, idleBill, services, totalOf, type Bill, type Month } from './cost/bill.ts';
import { compared, dollarsOf } from './cost/compare.ts';
import { CommandError, readArguments, runCommand } from './command.ts';

const USAGE = `Usage: npm run cost -- --domains N --messages M [--smtp]

Prints what AWS charges in a month for N domains that send M mails of 5 KB to one recipient each,
by service, at list prices of us-east-1 without free tiers; with --smtp, where they come by SMTP.
Calls are counted in the local run, prices are in cli/cost/prices.ts with their sources. Beside it
are the list prices of SendGrid and Postmark, and SES alone.`;

const options = {
  domains: { type: 'string' },
  messages: { type: 'string' },
  smtp: { type: 'boolean' },
} as const;

/** @throws CommandError where it is no whole number */
function whole(name: string, value: string | undefined): number {
  const digits = (value ?? '').replaceAll(/[_,]/g, '');
  if (/^\d{1,12}$/.test(digits)) return Number(digits);
  throw new CommandError(`Give --${name} a whole number, such as --${name} 1000.`);
}

function print(bill: Bill): void {
  for (const service of services) {
    if (bill[service] === 0) continue;
    console.log(`${service.padEnd(30)} ${dollarsOf(bill[service]).padStart(12)}`);
  }
  console.log(`${'in all, a month'.padEnd(30)} ${dollarsOf(totalOf(bill)).padStart(12)}`);
}

await runCommand(() => {
  const { domains, messages, smtp = false } = readArguments(USAGE, options).values;
  const month: Month = {
    domains: whole('domains', domains),
    messages: whole('messages', messages),
    smtp,
  };
  const bill = billFor(month);
  print(bill);
  const own = totalOf(bill) - bill['Amazon SES'];
  if (month.messages > 0) {
    const perMillion = (own - totalOf(idleBill())) / (month.messages / 1_000_000);
    console.log(
      `\nBeside SES ${dollarsOf(own)}, of which ${dollarsOf(totalOf(idleBill()))} also without mail; ${dollarsOf(perMillion)} for each million mails.`,
    );
    console.log('');
    for (const [name, dollars] of compared(month.messages)) {
      console.log(`${name.padEnd(30)} ${dollarsOf(dollars).padStart(12)}`);
    }
  }
});
