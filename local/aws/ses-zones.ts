import type { ZoneSource } from '../dns/resolution.ts';
import { parseZoneFile } from '../dns/zone-file.ts';
import { Zone } from '../dns/zone.ts';
import { SES_DOMAIN } from './ses-delivered.ts';

/**
 * The records that Amazon publishes for SES, as far as mail needs them; its mail comes from
 * 127.0.0.1 here.
 */
export function sesZones(ses: {
  readonly region: string;
  readonly selector: string;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
}): ZoneSource {
  const key = ses.publicKey.toString('base64');
  const zone = new Zone(
    SES_DOMAIN,
    parseZoneFile(
      `$TTL 900
      @ SOA ns1.${SES_DOMAIN}. hostmaster.${SES_DOMAIN}. 1 7200 900 1209600 60
      @ NS ns1.${SES_DOMAIN}.
      @ TXT "v=spf1 ip4:127.0.0.1 -all"
      ns1 A 127.0.0.1
      feedback-smtp.${ses.region} A 127.0.0.1
      ${ses.selector}._domainkey TXT "p=" "${key.slice(0, 250)}" "${key.slice(250)}"`.replaceAll(
        /^ +/gm,
        '',
      ),
      SES_DOMAIN,
    ),
  );
  return {
    at: (apex) => (apex === SES_DOMAIN ? [{ state: 'served', zone, delegation: 'implied' }] : []),
    serverAddress: () => undefined,
  };
}
