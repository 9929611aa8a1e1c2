import { expect, test } from 'vitest';
import type { Lookup } from '#shared/core/model/lookup.ts';
import type { Label } from '#shared/core/model/names.ts';
import { parkedProofOf } from '#shared/app/checks/decide/parked-proof.ts';
import { deployment } from '../../../fakes/given-claim.ts';

const label = 'a'.repeat(26) as Label;
const target = `_dmarc.${label}.s1.${deployment.zone}`;
const answer = (...cnames: string[]): Lookup => ({ outcome: 'ok', values: [], cnames });
const none = { kind: 'none' } as const;
const unknown = { kind: 'unknown' } as const;
const absent = [answer()];

test.each<[string, Lookup[], Lookup[], object]>([
  ['leads to a label of ours', [answer(target)], absent, { kind: 'proven', label }],
  [
    'leads there on every server',
    [answer(target), answer(target)],
    absent,
    { kind: 'proven', label },
  ],
  ['leads there by a chain', [answer(target, 'x.example')], absent, { kind: 'proven', label }],
  ['gets no answer', [], absent, unknown],
  ['has no probe that answers', [answer(target)], [], unknown],
  ['gets no answer, nor does the probe', [], [], unknown],
  ['leads elsewhere on one server', [answer(target), answer('x.example')], absent, none],
  ['is absent on one server', [answer(target), answer()], absent, none],
  ['is no CNAME', [answer()], absent, none],
  ['is a wildcard', [answer(target)], [answer(target)], none],
  ['is a wildcard on one server', [answer(target)], [answer(), answer(target)], none],
  ['leads to another record of ours', [answer(target.replace('_dmarc', '_spf'))], absent, none],
  ['leads to a shard that is not there', [answer(target.replace('.s1.', '.s9.'))], absent, none],
  ['leads to no label', [answer(`_dmarc.example.s1.${deployment.zone}`)], absent, none],
])('a `_dmarc` name that %s', (_, answers, probe, proof) => {
  expect(parkedProofOf(answers, probe, deployment)).toEqual(proof);
});
