import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { SmtpClient } from '../../support/smtp-client.ts';
import { givenService, key } from './given-service.ts';

/** Ends of data that some server takes for `<CRLF>.<CRLF>` (SEC Consult, SMTP Smuggling, 2023), and kin. */
const wrongEnds = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r.\n',
  '\n.\r',
  '\r\r\n.\r\r\n',
  '\r\n\0.\r\n',
  '\r\n.\0\r\n',
  '\n\n.\r\n',
  '\r\n.\r\r\n',
  '\n\r.\r\n',
  '\r\n .\r\n',
];
const smuggled = 'MAIL FROM:<x@example.com>\r\nRCPT TO:<y@example.com>\r\nDATA\r\nsmuggled\r\n';
const header = 'From: a@example.com\r\n\r\n';

/** All ways to send octets in two pieces, and the two that need no place. */
const splits = (octets: string): string[][] => [
  [octets],
  [...octets],
  ...Array.from({ length: octets.length - 1 }, (_, at) => [
    octets.slice(0, at + 1),
    octets.slice(at + 1),
  ]),
];

it.each(wrongEnds.map((end) => [JSON.stringify(end), end]))(
  '%s ends no mail, however it is cut',
  async (_, end) => {
    const { tls, received } = await givenService({}, { connections: wide });
    const client = await SmtpClient.tls(tls);
    onTestFinished(() => client.close());
    await client.signIn(key(1));
    let mails = 0;
    for (const pieces of splits(end)) {
      expect(await client.begin(['b@example.com'])).toMatch(/^354 /);
      client.write(`${header}one${pieces.length === 1 ? '' : ' '}`);
      for (const piece of pieces) {
        client.write(piece);
        // The next piece in a segment of its own.
        await sleep(1);
      }
      client.write(`${smuggled}\r\n.\r\n`);
      expect(await client.reply()).toMatch(/^250 /);
      mails += 1;
      expect(received).toHaveLength(mails);
      expect(received[mails - 1]?.raw.includes('MAIL FROM:<x@example.com>')).toBe(true);
      expect(client.unread).toBe('');
    }
  },
);

const wide = { total: 100, perTenant: 50, perAddress: 50 };
