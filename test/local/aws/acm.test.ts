import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAcm } from '../../../local/aws/acm.ts';
import { selfSigned } from '../../../local/aws/self-signed.ts';

const call = async (
  acm: ReturnType<typeof createAcm>,
  input: object,
  operation = 'ExportCertificate',
) => {
  const answer = await acm.handle({
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'x-amz-target': `CertificateManager.${operation}` },
    body: Buffer.from(JSON.stringify(input)),
  } as never);
  return JSON.parse(String((answer as { body: unknown }).body)) as Record<string, string>;
};

describe('a certificate that signs itself', () => {
  const { cert, key } = selfSigned(['smtp.example', 'localhost'], new Date('2026-11-29T00:00:00Z'));
  const read = new X509Certificate(cert);

  it('is valid for its names, its time and its key', () => {
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(read.checkHost('smtp.example')).toBe('smtp.example');
    expect(read.checkHost('localhost')).toBe('localhost');
    expect(read.checkHost('example')).toBeUndefined();
    expect(new Date(read.validFrom) < new Date('2026-11-29T00:00:00Z')).toBe(true);
    expect(new Date(read.validTo) > new Date('2036-01-01T00:00:00Z')).toBe(true);
  });
});

describe('ACM', () => {
  const options = {
    stateDir: mkdtempSync(join(tmpdir(), 'acm-')),
    region: 'eu-west-1',
    accountId: '000000000000',
  };
  const Passphrase = Buffer.from('a passphrase').toString('base64');

  it('exports a certificate with its key under a passphrase, the same after a restart', async () => {
    const acm = createAcm(options);
    const CertificateArn = acm.putCertificate('smtp.example', true);
    const exported = await call(acm, { CertificateArn, Passphrase });
    expect(exported['PrivateKey']).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    const again = createAcm(options);
    expect(again.putCertificate('smtp.example', true)).toBe(CertificateArn);
    expect((await call(again, { CertificateArn, Passphrase }))['Certificate']).toBe(
      exported['Certificate'],
    );
  });

  it.each([
    ['one that is not exportable', false, Passphrase, 'ExportCertificate', 'ValidationException'],
    ['a short passphrase', true, 'YQ==', 'ExportCertificate', 'ValidationException'],
    ['another operation', true, Passphrase, 'DeleteCertificate', 'UnknownOperationException'],
  ])('refuses %s', async (_, exportable, passphrase, operation, error) => {
    const acm = createAcm(options);
    const CertificateArn = acm.putCertificate(`x-${error}.example`, exportable);
    const answer = await call(acm, { CertificateArn, Passphrase: passphrase }, operation);
    expect(answer['__type']).toBe(error);
  });
});
