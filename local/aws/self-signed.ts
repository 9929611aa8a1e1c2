import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate with its private key, in PEM. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const oid = {
  commonName: '0603550403',
  ecdsaWithSha256: '06082a8648ce3d040302',
  subjectAltName: '0603551d11',
  basicConstraints: '0603551d13',
  subjectKeyIdentifier: '0603551d0e',
};

/**
 * Makes a P-256 certificate that nobody but itself has signed (RFC 5280), for ten years.
 *
 * @param names DNS names; the first is its subject
 */
export function selfSigned(names: readonly [string, ...string[]], now = new Date()): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(fromHex(oid.ecdsaWithSha256));
  const name = sequence(
    set(sequence(fromHex(oid.commonName), tagged(0x0c, Buffer.from(names[0])))),
  );
  const identifier = createHash('sha1').update(spki).digest();
  const extensions = sequence(
    extension(
      oid.subjectAltName,
      sequence(...names.map((each) => tagged(0x82, Buffer.from(each)))),
    ),
    extension(oid.basicConstraints, sequence(tagged(0x01, Buffer.from([0xff])))),
    extension(oid.subjectKeyIdentifier, tagged(0x04, identifier)),
  );
  // A leading zero octet keeps the serial number positive.
  const serial = Buffer.concat([Buffer.from([0x00, 0x80 | 1]), randomBytes(14)]);
  const signed = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    algorithm,
    name,
    sequence(time(now.getTime() - YEAR_MS), time(now.getTime() + 10 * YEAR_MS)),
    name,
    spki,
    tagged(0xa3, extensions),
  );
  const signature = sign('sha256', signed, privateKey);
  const der = sequence(
    signed,
    algorithm,
    tagged(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64Lines(der)}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const fromHex = (hex: string): Buffer => Buffer.from(hex, 'hex');
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
const extension = (id: string, value: Buffer): Buffer => sequence(fromHex(id), tagged(0x04, value));

/** GeneralizedTime: `20261129234500Z`. */
const time = (at: number): Buffer => {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return tagged(0x18, Buffer.from(`${digits}Z`));
};

/** A DER value: tag, length, content (X.690 §8.1). */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const octets = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length, ...octets]), content]);
}

const base64Lines = (der: Buffer): string =>
  (der.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
