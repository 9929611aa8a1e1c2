import { describe, expect, test } from 'vitest';
import type { Group } from '#shared/core/reports/group.ts';
import { type Source, sourced, sourceOf } from '#shared/core/reports/sources.ts';
import { context, givenDay, givenGroup } from './given-day.ts';

const signed = (domain: string, selector: string, result: 'pass' | 'fail' = 'pass') => ({
  domain,
  selector,
  result,
});
const sentBy = (domain: string, result: 'pass' | 'fail' = 'pass') => ({ domain, result });

describe('the source of mail', () => {
  const cases: [string, Partial<Group>, Source][] = [
    ['by the custom MAIL FROM', {}, { id: 'ses', kind: 'service' }],
    [
      'by the MAIL FROM of SES, with any DKIM result',
      {
        envelope: sentBy('eu-west-1.amazonses.com'),
        signature: signed('shop.example', 'zero', 'fail'),
      },
      { id: 'ses', kind: 'service' },
    ],
    [
      'that this service signed, handed over by another host',
      { envelope: sentBy('lists.example.org') },
      { id: 'forwarded', kind: 'forwarder' },
    ],
    [
      'that this service signed, handed over by an unknown host',
      { envelope: sentBy('shop.example', 'fail') },
      { id: 'forwarded', kind: 'forwarder' },
    ],
    [
      'that another sender signed, handed over by a known forwarder',
      { signature: signed('shop.example', 'esp1'), envelope: sentBy('srs.forwardemail.net') },
      { id: 'forwarded', kind: 'forwarder' },
    ],
    [
      'that a known forwarder sends without a signature of the domain',
      { dkim: false, signature: undefined, envelope: sentBy('improvmx.com') },
      { id: 'improvmx.com', kind: 'sender' },
    ],
    [
      'by a sender with a MAIL FROM of its own',
      { signature: signed('shop.example', 'esp1'), envelope: sentBy('bounce.eu.esp.example') },
      { id: 'esp.example', kind: 'sender' },
    ],
    [
      'by a sender with a MAIL FROM below the domain',
      { signature: signed('shop.example', 'esp1'), envelope: sentBy('mail.shop.example') },
      { id: 'mail.shop.example', kind: 'sender' },
    ],
    [
      'of which only a signature of the sender’s own is proven',
      { signature: signed('esp.example', 'k1'), envelope: undefined },
      { id: 'esp.example', kind: 'sender' },
    ],
    [
      'of which only a signature of the domain is proven',
      { signature: signed('shop.example', 'esp1'), envelope: sentBy('x.example', 'fail') },
      { id: '198.51.100.17', kind: 'sender' },
    ],
    [
      'of which nothing is proven',
      { signature: signed('shop.example', 'zero', 'fail'), envelope: undefined },
      { id: '198.51.100.17', kind: 'unknown' },
    ],
    [
      'whose addresses were folded together',
      { source: '', signature: undefined, envelope: undefined },
      { id: 'others', kind: 'unknown' },
    ],
  ];
  test.each(cases)('%s', (_what, changes, source) => {
    expect(sourceOf(givenGroup(changes), context)).toEqual(source);
  });
});

const unproven = (source: string) =>
  givenGroup({ source, dkim: false, spf: false, signature: undefined, envelope: undefined });

const ids = (days: Parameters<typeof sourced>[0]) =>
  sourced(days, context).map(({ source }) => source.id);

describe('mail that nothing proves', () => {
  test('is its address’s main sender’s, proven on any day', () => {
    const esp = { signature: signed('shop.example', 'esp1'), envelope: sentBy('esp.example') };
    expect(
      ids([
        givenDay([unproven('203.0.113.9')], { day: '2026-11-01' }),
        givenDay([
          givenGroup({ source: '203.0.113.9', ...esp, messages: 5 }),
          givenGroup({
            source: '203.0.113.9',
            envelope: sentBy('rare.example'),
            signature: undefined,
            messages: 2,
          }),
        ]),
      ]),
    ).toEqual(['esp.example', 'esp.example', 'rare.example']);
  });

  test('is a forwarder’s where that is what its address is', () => {
    const forwarded = givenGroup({ source: '203.0.113.9', envelope: sentBy('lists.example') });
    expect(ids([givenDay([forwarded, unproven('203.0.113.9')])])).toEqual([
      'forwarded',
      'forwarded',
    ]);
  });

  test('takes no name from an unverified report', () => {
    const said = givenDay([givenGroup({ source: '192.0.2.1' })], { reporter: undefined });
    expect(ids([said, givenDay([unproven('192.0.2.1')])])).toEqual(['ses', '192.0.2.1']);
  });
});

describe('mail of another sender at an unknown network', () => {
  const esp = signed('shop.example', 'esp1');
  const direct = givenGroup({
    source: '203.0.113.9',
    signature: esp,
    envelope: sentBy('mail.esp.example'),
  });
  const elsewhere = (changes: Partial<Group> = {}) =>
    givenGroup({
      source: '192.0.2.50',
      spf: false,
      signature: esp,
      envelope: sentBy('mail.esp.example', 'fail'),
      ...changes,
    });

  test('is forwarded where its signature passes, SPF fails, and the sender is proven', () => {
    expect(ids([givenDay([direct, elsewhere()])])).toEqual(['esp.example', 'forwarded']);
    expect(ids([givenDay([direct, elsewhere(), unproven('192.0.2.50')])])).toEqual([
      'esp.example',
      'forwarded',
      'forwarded',
    ]);
  });

  test.each<[string, Partial<Group>]>([
    ['another key signed it', { signature: signed('shop.example', 'own') }],
    ['the key is not named', { signature: signed('shop.example', '') }],
    ['its domain has no SPF', { envelope: undefined }],
  ])('is its address’s where %s', (_what, changes) => {
    expect(ids([givenDay([direct, elsewhere(changes)])])).toEqual(['esp.example', '192.0.2.50']);
  });

  test('is the sender’s where the address is the sender’s', () => {
    expect(ids([givenDay([direct, elsewhere({ source: '203.0.113.9' })])])).toEqual([
      'esp.example',
      '203.0.113.9',
    ]);
  });

  test('is no forwarder by the word of an unverified report', () => {
    const said = givenDay([direct], { reporter: undefined });
    expect(ids([said, givenDay([elsewhere()])])).toEqual(['esp.example', '192.0.2.50']);
  });
});
