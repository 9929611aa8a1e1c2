import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proofOf, type SlotAnswers } from '#shared/app/checks/decide/holder.ts';
import type { Label, Selector } from '#shared/core/model/names.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';

const A = givenClaim().label;
const B = givenClaim().label;
const shard = 's1.sd.example.net';
const nothing: Lookup = { outcome: 'nxdomain', values: [], cnames: [] };
const hasCnameTarget = (target: string): Lookup => ({
  outcome: 'ok',
  values: [],
  cnames: [target],
});
const keyOf = (selector: string, label: string, zone = shard): Lookup =>
  hasCnameTarget(`${selector}._domainkey.${label}.${zone}`);

/** The answer of each slot: a label, nothing, no answer at all, or servers that do not agree. */
type Shown = Label | 'nothing' | 'silent' | 'split';

const slotsOf = (shown: readonly Shown[]): SlotAnswers[] =>
  deployment.selectors.map((selector, index) => ({
    selector,
    answers: answersOf(selector, shown[index]!),
  }));

function answersOf(selector: Selector, shown: Shown): Lookup[] {
  if (shown === 'silent') return [];
  if (shown === 'nothing') return [nothing, nothing];
  if (shown === 'split') return [keyOf(selector, A), keyOf(selector, B)];
  return [keyOf(selector, shown), keyOf(selector, shown)];
}

const proof = (shown: readonly Shown[], probe: readonly Lookup[] = [nothing]) =>
  proofOf(slotsOf(shown), probe, deployment);

describe('the holder by DNS', () => {
  test.each<[Shown[], ReturnType<typeof proof>]>([
    [[A, A, A], { kind: 'proven', label: A }],
    [[A, A, 'nothing'], { kind: 'proven', label: A }],
    [['nothing', A, A], { kind: 'proven', label: A }],
    [[A, 'nothing', A], { kind: 'proven', label: A }],
    [[A, A, B], { kind: 'proven', label: A }],
    [[B, A, A], { kind: 'proven', label: A }],
    [[A, A, 'silent'], { kind: 'proven', label: A }],
    [[A, A, 'split'], { kind: 'proven', label: A }],
    [[A, B, 'nothing'], { kind: 'none' }],
    [[A, B, 'split'], { kind: 'none' }],
    [[A, 'nothing', 'nothing'], { kind: 'none' }],
    [['nothing', 'nothing', 'nothing'], { kind: 'none' }],
    [['split', 'split', 'split'], { kind: 'none' }],
    [[A, 'silent', 'nothing'], { kind: 'unknown' }],
    [[A, 'silent', B], { kind: 'unknown' }],
    [['nothing', 'nothing', 'silent'], { kind: 'none' }],
    [['nothing', 'silent', 'silent'], { kind: 'unknown' }],
    [['silent', 'silent', 'silent'], { kind: 'unknown' }],
  ])('%j', (shown, expected) => {
    expect(proof(shown)).toEqual(expected);
  });

  test('is not known where no server answered what a wildcard would say', () => {
    expect(proof([A, A, A], [])).toEqual({ kind: 'unknown' });
  });

  test('is not proven by what a wildcard answers', () => {
    // zero is a record of its own, one only the wildcard's, which points at the key of slot one.
    const shown: Shown[] = [A, A, 'nothing'];
    expect(proof(shown, [keyOf('one', A)])).toEqual({ kind: 'none' });
    expect(proof(shown, [nothing, keyOf('one', A)])).toEqual({ kind: 'none' });
    expect(proof(shown, [hasCnameTarget('elsewhere.example')])).toEqual({
      kind: 'proven',
      label: A,
    });
  });

  test.each([
    ['the key of another slot', 'one', A, shard],
    ['a name that is no label', 'zero', 'short', shard],
    ['a zone that is not ours', 'zero', A, 's1.sd.example.org'],
    ['a shard that is not there', 'zero', A, 's3.sd.example.net'],
    ['a name below the label', 'zero', `x.${A}`, shard],
  ])('is not shown by a slot that points at %s', (_what, selector, label, zone) => {
    const [, ...others] = slotsOf([A, A, 'nothing']);
    const first = {
      selector: deployment.selectors[0],
      answers: [keyOf(selector, label, zone)],
    };
    expect(proofOf([first, ...others], [nothing], deployment)).toEqual({ kind: 'none' });
  });

  test('needs every server that answers to say so', () => {
    const slots = slotsOf([A, A, A]).map((slot, index) =>
      index === 0 ? slot : { ...slot, answers: [...slot.answers, nothing] },
    );
    expect(proofOf(slots, [nothing], deployment)).toEqual({ kind: 'none' });
  });
});

describe('for every answer of DNS', () => {
  const shown = fc.constantFrom<Shown>(A, B, 'nothing', 'silent', 'split');
  const three = fc.tuple(shown, shown, shown);

  test('a proven label is at two slots at least', () => {
    fc.assert(
      fc.property(three, (slots) => {
        const found = proof(slots);
        if (found.kind !== 'proven') return;
        expect(slots.filter((one) => one === found.label).length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('a slot that falls silent never proves another label, nor disproves one', () => {
    fc.assert(
      fc.property(three, fc.nat(2), (slots, index) => {
        const before = proof(slots);
        const after = proof(slots.with(index, 'silent'));
        expect([before, { kind: 'unknown' }]).toContainEqual(after);
      }),
    );
  });
});
