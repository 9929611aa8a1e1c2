// Times what might take more than linear time, on 1 MB of each worst case. A process of its own, since
// under vitest each use of an imported name costs a call. Prints JSON: by case, the milliseconds of
// processor time, which other processes on the machine do not add to.

import { RelaxedBody } from '#shared/core/dkim/body/relaxed.ts';
import { KernelRelaxedBody } from '#shared/core/dkim/body/relaxed-kernel.ts';
import { SimpleBody } from '#shared/core/dkim/body/simple.ts';
import { hashBody } from '#shared/core/dkim/body/hash.ts';
import { writeRelaxedField } from '#shared/core/dkim/header/relaxed.ts';
import { kernel } from '#shared/core/dkim/kernel/instance.ts';
import { parseTagList } from '#shared/core/dkim/tag-list.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { inspectSubmission } from '#shared/core/mail/inspect.ts';
import { findLineEndFaults, normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';

const times: Record<string, number> = {};

/** Notes the shortest of several runs: what the code takes when the machine leaves it alone. */
function time(name: string, run: () => unknown): void {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 8; i += 1) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  times[name] = shortest;
}

const megabyteOf = (piece: string): Buffer => Buffer.alloc(1 << 20, piece, 'latin1');
const simd = kernel();

for (const piece of [' ', '\r\n', '\r', '\n', '\t\r\n', ' \r', 'a  ', '\0', '\r\0', 'a\n', 'a ']) {
  const octets = megabyteOf(piece);
  const of = JSON.stringify(piece);
  time(`relaxed body in TypeScript of ${of}`, () => hashBody(octets, new RelaxedBody()));
  if (simd !== null)
    time(`relaxed body on the kernel of ${of}`, () =>
      hashBody(octets, new KernelRelaxedBody(simd)),
    );
  time(`simple body of ${of}`, () => hashBody(octets, new SimpleBody()));
  time(`line end faults of ${of}`, () => findLineEndFaults(octets));
  time(`line end faults in TypeScript of ${of}`, () => findLineEndFaults(octets, 0, null));
  time(`normalised line ends of ${of}`, () => normalizeLineEnds(octets));
  time(`inspection of a body of ${of}`, () =>
    inspectSubmission(Buffer.concat([Buffer.from('From: a@b.example\r\n\r\n'), octets])),
  );
  time(`parsing a message of ${of}`, () => parseMessage(octets));
  const folded = parseMessage(
    Buffer.from(`Subject: x${octets.toString('latin1').replace(/\r?\n/g, '\r\n ')}\r\n\r\n`),
  ).header;
  const output = Buffer.alloc(folded.bytes.length + 2);
  time(`relaxed field of ${of}`, () =>
    writeRelaxedField(folded.bytes, folded.fields[0]!, output, 0),
  );
}

for (const piece of [
  '(',
  '(a',
  '"',
  '"\\',
  '<',
  '@',
  ',',
  'a@b.example,',
  ' ',
  '.',
  'a',
  ':',
  '\\',
  'a ',
  '()',
  '=?',
]) {
  const { header } = parseMessage(
    Buffer.concat([Buffer.from('From: '), megabyteOf(piece), Buffer.from('\r\n\r\n')]),
  );
  time(`From of ${JSON.stringify(piece)}`, () => authorOf(header));
}

for (const piece of [' ', ';', 'a=', 'a=1;', '=', '\r\n ', 'a']) {
  const text = megabyteOf(piece).toString('latin1');
  time(`tag list of ${JSON.stringify(piece)}`, () => parseTagList(text));
  time(`tag value of ${JSON.stringify(piece)}`, () => parseTagList(`a=b${text}c`));
}

console.log(JSON.stringify(times));
