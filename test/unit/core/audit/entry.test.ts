import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '#shared/core/audit/canonical-json.ts';
import { entryOf, readEntry, type Actor, type Change } from '#shared/core/audit/entry.ts';
import { Personal, withCommitments, withoutCommitments } from '#shared/core/audit/personal.ts';
import type { TenantId } from '#shared/core/model/names.ts';

const tenant = 't_one' as TenantId;
const actor: Actor = {
  kind: 'user',
  id: 'ann',
  operation: 'PATCH /v1/domains/{name}',
  requestId: 'r1',
  address: '192.0.2.7',
  userAgent: 'curl/8',
};
const given = { at: '2026-12-01T10:00:00.000Z', random: randomBytes };
const change: Change = {
  owner: tenant,
  subject: 'domain',
  id: 'example.com',
  before: { status: 'pending', 'spf.all': '~all', dmarc: { p: 'none' } },
  after: { status: 'pending', 'spf.all': '-all', dmarc: { p: 'none' }, hosting: 'self' },
};

const salt = () => randomBytes(16).toString('hex');
const commit = () => withCommitments('bo@example.org', salt);
const verbOf = (one: Change) => readEntry(entryOf(one, actor, given)!).verb;

describe('an entry', () => {
  test('has who, what, from where, and each field that changed', () => {
    const entry = entryOf(change, actor, given)!;
    expect(readEntry(entry)).toEqual({
      id: entry.key.split('#')[1],
      owner: tenant,
      at: given.at,
      verb: 'change',
      subject: 'domain',
      subjectId: 'example.com',
      actor: { kind: 'user', id: 'ann' },
      operation: 'PATCH /v1/domains/{name}',
      requestId: 'r1',
      address: '192.0.2.7',
      userAgent: 'curl/8',
      changes: [
        { field: 'hosting', before: null, after: 'self' },
        { field: 'spf.all', before: '~all', after: '-all' },
      ],
    });
  });

  test('is not made where nothing changed that the log has', () => {
    expect(entryOf({ ...change, after: change.before }, actor, given)).toBeUndefined();
  });

  test('says what was made and what was removed', () => {
    const { before, after } = change;
    expect(verbOf({ ...change, before: undefined, after })).toBe('create');
    expect(verbOf({ ...change, before, after: undefined })).toBe('delete');
    expect(verbOf({ ...change, before: undefined, after: undefined, verb: 'read' })).toBe('read');
  });

  test('of a bystander names the service, and nothing of who it was', () => {
    const other = entryOf({ ...change, isBystander: true }, actor, given)!;
    const { actor: by, operation, address, userAgent } = readEntry(other);
    expect(by).toEqual({ kind: 'service', id: 'claims' });
    expect([operation, address, userAgent]).toEqual(['service', null, null]);
    expect(JSON.stringify(other)).not.toContain('192.0.2.7');
  });

  test('has addresses and names of people beside its record, until they are erased', () => {
    const after = { contacts: [{ email: 'Bo@example.org', name: new Personal('Bo') }] };
    const entry = entryOf({ ...change, before: undefined, after }, actor, given)!;
    for (const personal of ['Bo', '192.0.2.7', 'curl/8']) {
      expect(entry.record).not.toContain(`"${personal}`);
    }
    expect(readEntry(entry).changes[0]?.after).toEqual([{ email: 'Bo@example.org', name: 'Bo' }]);
    const erased = readEntry({ ...entry, personal: {} });
    expect(erased.changes[0]?.after).toEqual([{ email: '[erased]', name: '[erased]' }]);
    expect(erased.address).toBe('[erased]');
  });

  test('commits to one text by another value each time, so that nobody compares them', () => {
    expect(commit().value).not.toEqual(commit().value);
  });
});

test('commitments are taken back, whatever the value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
      fc.pre(!JSON.stringify(value).includes('"commitment"'));
      const { value: kept, personal } = withCommitments(value, salt);
      const back = withoutCommitments(kept, personal);
      expect(JSON.stringify(back)).toBe(JSON.stringify(value));
    }),
  );
});

test('canonical JSON is the same for every order of fields, and is JSON (RFC 8785)', () => {
  expect(canonicalJson({ b: [1, { d: 'é"', c: null }], a: 1e21 })).toBe(
    '{"a":1e+21,"b":[1,{"c":null,"d":"é\\""}]}',
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(reversed as Json)).toBe(canonicalJson(value as Json));
      expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
