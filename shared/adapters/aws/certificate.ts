import { createPrivateKey, randomBytes } from 'node:crypto';
import { ACMClient, type ACMClientConfig, ExportCertificateCommand } from '@aws-sdk/client-acm';
import { requestTimeouts } from './request-timeouts.ts';

/** A certificate with its chain and its private key, in PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** The client that certificates are exported with. */
export const certificateClient = (config: ACMClientConfig = {}): ACMClient =>
  new ACMClient({ requestHandler: requestTimeouts({ requestMs: 10_000 }), ...config });

/**
 * Exports a certificate of ACM with its private key, which ACM encrypts under a passphrase that
 * lives for this call.
 *
 * @throws Error where ACM has not issued it yet, or it is not exportable
 */
export async function exportCertificate(
  client: ACMClient,
  arn: string,
): Promise<ServerCertificate> {
  const passphrase = Buffer.from(randomBytes(24).toString('base64url'));
  const {
    Certificate,
    CertificateChain = '',
    PrivateKey,
  } = await client.send(
    new ExportCertificateCommand({ CertificateArn: arn, Passphrase: passphrase }),
  );
  if (Certificate === undefined || PrivateKey === undefined) {
    throw new Error(`ACM answered ${arn} without the certificate or its key`);
  }
  const key = createPrivateKey({ key: PrivateKey, passphrase });
  return {
    cert: `${Certificate.trimEnd()}\n${CertificateChain}`,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
