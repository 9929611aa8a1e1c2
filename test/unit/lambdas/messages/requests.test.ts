import { describe, expect, test } from 'vitest';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import type { ApiEvent } from '#shared/api/http.ts';
import { uploadIdOf } from '#shared/core/model/names.ts';
import { MAX_MAIL_OCTETS, readSubmission } from '../../../../lambdas/messages/requests.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryUploadStore } from '../../../fakes/upload-store.ts';

const tenant = givenTenant();
const uploads = new MemoryUploadStore();
const uploadId = uploadIdOf(new Uint8Array(16).fill(7));

const event = (changes: Partial<ApiEvent> = {}): ApiEvent =>
  ({
    headers: { 'content-type': 'message/rfc822' },
    rawQueryString: '',
    body: Buffer.from('From: a@b.example\r\n\r\n\xff', 'latin1').toString('base64'),
    isBase64Encoded: true,
    requestContext: {},
    ...changes,
  }) as ApiEvent;

const read = (changes: Partial<ApiEvent> = {}) =>
  readSubmission(event(changes), tenant, { uploads, composeMail });
/** What a request is refused with: its code and sentence. */
const refusalOf = (changes: Partial<ApiEvent>): Promise<unknown> =>
  read(changes).then(
    () => 'accepted',
    (error: unknown) => error,
  );
const refusal = (code: string, says: string | RegExp = '') => ({
  code,
  message: expect.stringMatching(says) as string,
});

describe('readSubmission', () => {
  test('takes the octets as they were sent', async () => {
    expect((await read()).raw.toString('latin1')).toBe('From: a@b.example\r\n\r\n\xff');
    const text = { body: 'From: a@b.example\r\n\r\n', isBase64Encoded: false };
    expect((await read(text)).raw.toString()).toBe('From: a@b.example\r\n\r\n');
  });

  test('a request without a body is one of no octets', async () => {
    expect((await read({ body: undefined as unknown as string })).raw).toHaveLength(0);
  });

  test('reads each recipient, commas and percent-encoding included', async () => {
    const rawQueryString = 'recipient=a%2Bx%40b.example&recipient=%22c%2Cd%22%40e.example';
    expect((await read({ rawQueryString })).recipients).toEqual([
      'a+x@b.example',
      '"c,d"@e.example',
    ]);
  });

  test('names the plus that a query made a space', async () => {
    await expect(refusalOf({ rawQueryString: 'recipient=bob+x@b.example' })).resolves.toMatchObject(
      refusal('recipients-refused', '%2B'),
    );
    const quoted = await read({ rawQueryString: 'recipient=%22c+d%22@e.example' });
    expect(quoted.recipients).toEqual(['"c d"@e.example']);
  });

  test('is strict only where the query says so', async () => {
    expect((await read()).strict).toBe(false);
    expect((await read({ rawQueryString: 'strict=true' })).strict).toBe(true);
    const strictKey = {
      requestContext: { authorizer: { lambda: { strict: 'true' } } },
    } as Partial<ApiEvent>;
    expect((await read(strictKey)).strict).toBe(true);
    expect((await read({ ...strictKey, rawQueryString: 'strict=false' })).strict).toBe(false);
    await expect(refusalOf({ rawQueryString: 'strict=1' })).resolves.toMatchObject(
      refusal('invalid-parameter'),
    );
    await expect(refusalOf({ rawQueryString: 'strict=true&strict=false' })).resolves.toMatchObject(
      refusal('invalid-parameter'),
    );
  });

  test('refuses parameters that there are not', () =>
    expect(refusalOf({ rawQueryString: 'recipients=a%40b.example' })).resolves.toMatchObject(
      refusal('invalid-parameter'),
    ));

  test('refuses other media types', async () => {
    await expect(refusalOf({ headers: { 'content-type': 'text/plain' } })).resolves.toMatchObject(
      refusal('unsupported-media-type'),
    );
    await expect(refusalOf({ headers: {} })).resolves.toMatchObject(
      refusal('unsupported-media-type'),
    );
    const headers = { 'content-type': 'Message/RFC822; charset=utf-8' };
    expect((await read({ headers })).recipients).toEqual([]);
  });

  test('names the limit of a request and the way round it', async () => {
    const body = Buffer.alloc(MAX_MAIL_OCTETS + 1).toString('base64');
    const says = /4500001 octets.*4500000.*POST \/v1\/uploads.*29990000/;
    await expect(refusalOf({ body })).resolves.toMatchObject(refusal('payload-too-large', says));
    const headers = { 'content-type': 'application/json' };
    const json = { headers, body: ' '.repeat(6_000_001), isBase64Encoded: false };
    await expect(refusalOf(json)).resolves.toMatchObject(
      refusal('payload-too-large', /6000001.*POST \/v1\/uploads/),
    );
  });

  test.each(['', 'a b', 'ä', 'x'.repeat(256)])('refuses the Idempotency-Key "%s"', (key) =>
    expect(
      refusalOf({ headers: { 'content-type': 'message/rfc822', 'idempotency-key': key } }),
    ).resolves.toMatchObject(refusal('invalid-parameter')),
  );

  test('passes an Idempotency-Key on', async () => {
    const headers = { 'content-type': 'message/rfc822', 'idempotency-key': 'order-7' };
    expect((await read({ headers })).idempotencyKey).toBe('order-7');
  });
});

/** A form as a browser or curl sends it. */
async function multipart(form: FormData): Promise<Partial<ApiEvent>> {
  const request = new Request('http://localhost', { method: 'POST', body: form });
  const body = Buffer.from(await request.arrayBuffer()).toString('base64');
  const headers = { 'content-type': request.headers.get('content-type') ?? '' };
  return { headers, body, isBase64Encoded: true };
}

describe('a mail and its envelope in parts', () => {
  const raw = Buffer.from('From: a@b.example\r\n\r\n\xff\xfe', 'latin1');
  const form = (envelope: unknown, file = 'mail.eml') => {
    const made = new FormData();
    made.set('message', new Blob([raw]), file);
    if (envelope !== undefined) made.set('envelope', JSON.stringify(envelope));
    return made;
  };

  test('a thousand recipients, and the mail octet for octet', async () => {
    const recipients = Array.from({ length: 1_000 }, (_, i) => `r${i}@e.example`);
    const submission = await read(await multipart(form({ recipients })));
    expect(submission.recipients).toEqual(recipients);
    expect(submission.raw.equals(raw)).toBe(true);
    expect(submission.channel).toBe('api');
  });

  test('without an envelope the mail names its recipients', async () => {
    expect((await read(await multipart(form(undefined)))).recipients).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no recipients', { recipients: [] }, /recipients/],
    [
      '1,001 recipients',
      { recipients: Array.from({ length: 1_001 }, () => 'a@b.example') },
      /1000/,
    ],
    ['another field', { recipients: ['a@b.example'], bcc: [] }, /bcc/],
    ['a list', ['a@b.example'], /expected object/],
  ])('refuses an envelope with %s', async (_, envelope, says) =>
    expect(refusalOf(await multipart(form(envelope)))).resolves.toMatchObject(
      refusal('invalid-body', says),
    ),
  );

  test('refuses parts that there are not, none, two of a name, and a mail read as text', async () => {
    const other = form(undefined);
    other.set('to', 'a@b.example');
    await expect(refusalOf(await multipart(other))).resolves.toMatchObject(
      refusal('invalid-body', '"to"'),
    );
    const twice = form(undefined);
    twice.append('message', new Blob([raw]), 'mail.eml');
    await expect(refusalOf(await multipart(twice))).resolves.toMatchObject(
      refusal('invalid-body', 'twice'),
    );
    const text = new FormData();
    text.set('message', raw.toString('latin1'));
    await expect(refusalOf(await multipart(text))).resolves.toMatchObject(
      refusal('invalid-body', 'file name'),
    );
    const none = new FormData();
    none.set('envelope', '{"recipients":["a@b.example"]}');
    await expect(refusalOf(await multipart(none))).resolves.toMatchObject(
      refusal('invalid-body', 'message'),
    );
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    await expect(refusalOf({ headers })).resolves.toMatchObject(
      refusal('invalid-body', 'boundary'),
    );
    const bad = form(undefined);
    bad.set('envelope', '{');
    await expect(refusalOf(await multipart(bad))).resolves.toMatchObject(refusal('invalid-json'));
  });

  test('recipients are in the envelope or in the query, not in both', async () => {
    const request = await multipart(form({ recipients: ['a@b.example'] }));
    await expect(
      refusalOf({ ...request, rawQueryString: 'recipient=c@d.example' }),
    ).resolves.toMatchObject(refusal('invalid-parameter'));
  });
});

const json = (body: unknown, more: Partial<ApiEvent> = {}): Partial<ApiEvent> => ({
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
  isBase64Encoded: false,
  ...more,
});

describe('an upload', () => {
  const raw = Buffer.from('From: a@b.example\r\n\r\nHello.\r\n');

  test('is the mail, with the recipients of the envelope or its own', async () => {
    uploads.upload(tenant, uploadId, raw);
    const envelope = { recipients: ['c@d.example'] };
    const submission = await read(json({ upload: uploadId, envelope }));
    expect(submission).toMatchObject({
      channel: 'upload',
      isUploaded: true,
      recipients: ['c@d.example'],
    });
    expect(submission.raw.equals(raw)).toBe(true);
    expect((await read(json({ upload: uploadId }))).recipients).toEqual([]);
  });

  test('of another tenant, that is not there, or with other fields, is refused', async () => {
    uploads.upload(givenTenant(), uploadIdOf(new Uint8Array(16).fill(8)), raw);
    for (const id of [uploadIdOf(new Uint8Array(16).fill(8)), 'u_1', '../mail/x']) {
      await expect(refusalOf(json({ upload: id }))).resolves.toMatchObject(
        refusal('upload-not-found', 'POST /v1/uploads'),
      );
    }
    await expect(refusalOf(json({ upload: uploadId, subject: 'Hi' }))).resolves.toMatchObject(
      refusal('invalid-body', 'subject'),
    );
  });
});

describe('a mail by its fields', () => {
  const least = { from: 'a@b.example', to: 'c@d.example', text: 'Hello.' };

  test('is made, goes to To, Cc and Bcc, and names no Bcc', async () => {
    const submission = await read(
      json({ ...least, cc: ['e@f.example'], bcc: { address: 'g@h.example', name: 'G' } }),
    );
    expect(submission.channel).toBe('json');
    expect(submission.recipients).toEqual(['c@d.example', 'e@f.example', 'g@h.example']);
    expect(submission.raw.toString()).not.toContain('g@h.example');
    expect(submission.raw.toString()).toMatch(/^To: c@d\.example\r$/m);
  });

  test('is recognised by what was sent, not by what was made of it', async () => {
    const [one, two] = [await read(json(least)), await read(json(least))];
    expect(one.asReceived?.equals(two.asReceived!)).toBe(true);
  });

  test('an upload is an attachment', async () => {
    const content = Buffer.from([0, 1, 2, 255]);
    uploads.upload(tenant, uploadId, content);
    const attachments = [{ filename: 'a.bin', upload: uploadId }];
    const { raw, isUploaded } = await read(json({ ...least, attachments }));
    expect(isUploaded).toBe(true);
    expect(raw.toString()).toContain(content.toString('base64'));
  });

  test('attachments over the limit in all are refused with it', async () => {
    uploads.upload(tenant, uploadId, Buffer.alloc(20_000_000));
    const attachments = ['a', 'b'].map((filename) => ({ filename, upload: uploadId }));
    await expect(refusalOf(json({ ...least, attachments }))).resolves.toMatchObject(
      refusal('payload-too-large', '29990000'),
    );
  });

  test.each(['[]', '"text"', 'null'])('%s is no mail', (body) =>
    expect(refusalOf(json(body))).resolves.toMatchObject(refusal('invalid-body')),
  );
  test('what is not JSON is no mail', () =>
    expect(refusalOf(json('{from'))).resolves.toMatchObject(refusal('invalid-json')));
});
