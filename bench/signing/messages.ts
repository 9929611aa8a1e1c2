const header = `Received: from app.example.com (app.example.com [192.0.2.1])
	by mail.example.com with ESMTPS id 4cXyZ12abcdef
	for <bob@example.org>; Mon, 23 Nov 2026 06:00:00 +0000
From: "Alice Example" <alice@example.com>
To: Bob Example <bob@example.org>
Subject: Your statement for November, and what comes next
Date: Mon, 23 Nov 2026 06:00:00 +0000
Message-ID: <0123456789abcdef@example.com>
Reply-To: support@example.com
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="----=_Part_1_23456789.1795413600"
List-Unsubscribe: <https://example.com/unsubscribe/0123456789abcdef>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
X-Mailer: Example 1.0

------=_Part_1_23456789.1795413600
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

`.replaceAll('\n', '\r\n');

const attachment = `
------=_Part_1_23456789.1795413600
Content-Type: application/pdf; name="statement.pdf"
Content-Transfer-Encoding: base64

`.replaceAll('\n', '\r\n');

const words =
  'Guten Tag, hier ist Ihre Abrechnung =C3=BCber den vergangenen Monat mit allen Posten die wir f=C3=BCr Sie gebucht haben'.split(
    ' ',
  );

/** Quoted-printable lines of 60 to 76 octets. */
function textLine(i: number): string {
  let line = '';
  for (let at = i; line.length < 60; at += 1) line += `${words[(at * 7) % words.length]} `;
  return `${line.slice(0, 75)}=`;
}

/** Base64 lines of 76 characters that differ. */
function attachmentLine(i: number): string {
  const octets = Buffer.alloc(57);
  for (let at = 0; at < octets.length; at += 4)
    octets.writeInt32LE(Math.imul(i * 64 + at, 0x9e3779b1), Math.min(at, 53));
  return octets.toString('base64');
}

/**
 * Input that relaxed canonicalization changes: white space doubled inside, and added at the end.
 */
function disorder(line: string): string {
  return `${line.slice(0, 30)} \t${line.slice(30, 70)} \t `;
}

/**
 * A message of quoted-printable text and a base64 attachment, as big as asked for to the octet.
 *
 * @param nonCanonical true if every second line is one that relaxed canonicalization changes
 */
export function makeMessage(size: number, nonCanonical: boolean): Buffer {
  const pieces = [header];
  let length = header.length;
  let lines = 0;
  const fill = (end: number, lineOf: (i: number) => string): void => {
    while (length < end) {
      const line = lineOf(lines);
      const piece = `${nonCanonical && lines % 2 === 1 ? disorder(line) : line}\r\n`;
      pieces.push(piece);
      length += piece.length;
      lines += 1;
    }
  };
  fill(Math.min(size / 2, 8_000), textLine);
  pieces.push(attachment);
  length += attachment.length;
  fill(size, attachmentLine);
  return Buffer.from(`${pieces.join('').slice(0, size - 3)}.\r\n`, 'latin1');
}

/** The body of a message in relaxed form: what the limit hashes. */
export function canonicalBodyOf(message: Buffer): Buffer {
  const body = message.subarray(message.indexOf('\r\n\r\n') + 4).toString('latin1');
  return Buffer.from(body.replace(/[ \t]+(?=\r\n)/g, '').replace(/[ \t]+/g, ' '), 'latin1');
}

/** The sizes measured, each clean and with half of its lines not canonical. */
export const sizes: readonly (readonly [name: string, octets: number])[] = [
  ['2 KB', 2_000],
  ['20 KB', 20_000],
  ['200 KB', 200_000],
  ['10 MB', 10_000_000],
];
