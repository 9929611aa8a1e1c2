import { createHash, createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { answering } from './errors.ts';
import { AwsError, type AwsHandler } from './http.ts';
import { JsonInput, jsonResponse, targetOperation } from './json-protocol.ts';
import { selfSigned, type SelfSigned } from './self-signed.ts';
import { readJsonFile, writeFileAtomically } from './state-file.ts';

export interface AcmOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly accountId: string;
}

export interface Acm {
  readonly handle: AwsHandler;
  /** Makes the certificate of a name where it is not there yet. @returns its ARN */
  putCertificate(domain: string, exportable: boolean): string;
}

/** ACM's shortest passphrase for an exported key, in octets. */
const MIN_PASSPHRASE = 4;

/** A stand-in for AWS Certificate Manager: certificates that sign themselves, and their export. */
export function createAcm({ stateDir, region, accountId }: AcmOptions): Acm {
  const file = join(stateDir, 'certificates.json');
  const made = new Map(
    Object.entries((readJsonFile(file) ?? {}) as Readonly<Record<string, SelfSigned>>),
  );
  const exportable = new Set<string>();

  const exportCertificate = (input: JsonInput): object => {
    input.only('CertificateArn', 'Passphrase');
    const arn = input.string('CertificateArn');
    const found = made.get(arn);
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
    }
    if (!exportable.has(arn)) {
      throw new AwsError('ValidationException', `Certificate ${arn} is not exportable.`);
    }
    const passphrase = input.blob('Passphrase');
    if (passphrase.length < MIN_PASSPHRASE) {
      throw new AwsError('ValidationException', 'The passphrase is too short.');
    }
    const key = createPrivateKey(found.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    });
    return { Certificate: found.cert, CertificateChain: '', PrivateKey: key.toString() };
  };

  return {
    handle: (request) =>
      answering('json', () => {
        const operation = targetOperation(request);
        if (operation !== 'ExportCertificate') {
          throw new AwsError('UnknownOperationException', `The stand-in has no ${operation}.`);
        }
        return jsonResponse(exportCertificate(new JsonInput(request.body)));
      }),

    putCertificate(domain, mayBeExported) {
      const id = createHash('sha256').update(domain).digest('hex').slice(0, 32);
      const arn = `arn:aws:acm:${region}:${accountId}:certificate/${id}`;
      if (!made.has(arn)) {
        made.set(arn, selfSigned([domain, 'localhost']));
        writeFileAtomically(file, JSON.stringify(Object.fromEntries(made)));
      }
      if (mayBeExported) exportable.add(arn);
      return arn;
    },
  };
}
