// `node worst-cases.ts PASSES`: measures what might take more than linear time, on 1 MB of each worst case.
// A process of its own, since under vitest each use of an imported name costs a call. Prints JSON: by case,
// its cost.

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
import { type Cost, costOf } from '../../../support/cost.ts';

const WHOLE = 1 << 20;
const MAX_PASSES = Number(process.argv[2]);
const costs: Record<string, Cost> = {};
const simd = kernel();

/** @param prepare makes what is measured for so many octets */
function measure(name: string, prepare: (size: number) => () => unknown): void {
  // If a case does not end, the last line names it.
  console.error(name);
  costs[name] = costOf(WHOLE, MAX_PASSES, prepare);
}

const octetsOf = (piece: string, size: number): Buffer => Buffer.alloc(size, piece, 'latin1');

for (const piece of [' ', '\r\n', '\r', '\n', '\t\r\n', ' \r', 'a  ', '\0', '\r\0', 'a\n', 'a ']) {
  const of = JSON.stringify(piece);
  const measureOctets = (name: string, work: (octets: Buffer) => unknown): void =>
    measure(`${name} of ${of}`, (size) => {
      const octets = octetsOf(piece, size);
      return () => work(octets);
    });
  measureOctets('relaxed body in TypeScript', (octets) => hashBody(octets, new RelaxedBody()));
  if (simd !== null)
    measureOctets('relaxed body on the kernel', (octets) =>
      hashBody(octets, new KernelRelaxedBody(simd)),
    );
  measureOctets('simple body', (octets) => hashBody(octets, new SimpleBody()));
  measureOctets('line end faults', (octets) => findLineEndFaults(octets));
  measureOctets('line end faults in TypeScript', (octets) => findLineEndFaults(octets, 0, null));
  measureOctets('normalised line ends', (octets) => normalizeLineEnds(octets));
  measureOctets('inspection of a body', (octets) =>
    inspectSubmission(Buffer.concat([Buffer.from('From: a@b.example\r\n\r\n'), octets])),
  );
  measureOctets('parsing a message', (octets) => parseMessage(octets));
  measure(`relaxed field of ${of}`, (size) => {
    const text = octetsOf(piece, size).toString('latin1').replace(/\r?\n/g, '\r\n ');
    const { header } = parseMessage(Buffer.from(`Subject: x${text}\r\n\r\n`));
    const output = Buffer.alloc(header.bytes.length + 2);
    return () => writeRelaxedField(header.bytes, header.fields[0]!, output, 0);
  });
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
  measure(`From of ${JSON.stringify(piece)}`, (size) => {
    const { header } = parseMessage(
      Buffer.concat([Buffer.from('From: '), octetsOf(piece, size), Buffer.from('\r\n\r\n')]),
    );
    return () => authorOf(header);
  });
}

for (const piece of [' ', ';', 'a=', 'a=1;', '=', '\r\n ', 'a']) {
  const of = JSON.stringify(piece);
  const textOf = (size: number): string => octetsOf(piece, size).toString('latin1');
  measure(`tag list of ${of}`, (size) => {
    const text = textOf(size);
    return () => parseTagList(text);
  });
  measure(`tag value of ${of}`, (size) => {
    const text = `a=b${textOf(size)}c`;
    return () => parseTagList(text);
  });
}

console.log(JSON.stringify(costs));
