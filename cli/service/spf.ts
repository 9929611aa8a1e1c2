import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { evaluateSpf } from '#shared/core/spf/evaluate.ts';
import type { SpfCheck } from '../../local/runtime/inbound.ts';

/** Checks SPF by the service's own evaluator, and gives the verdict in SES's words. */
export const checkSpf: SpfCheck = async ({ ip, helo, mailFrom }, dnsPort) => {
  const resolver = dnsResolver({
    topOf: registrableDomain,
    resolvers: parseServers(`127.0.0.1:${dnsPort}`),
    authoritativePort: dnsPort,
  });
  const epochSeconds = Math.floor(Date.now() / 1_000);
  const check = { ip, helo, mailFrom, receiver: 'inbound.local.invalid', epochSeconds };
  switch ((await evaluateSpf(check, (name, type) => resolver.lookup(name, type))).result) {
    case 'pass':
      return 'PASS';
    case 'fail':
    case 'softfail':
    case 'permerror':
      return 'FAIL';
    case 'none':
    case 'neutral':
      return 'GRAY';
    case 'temperror':
      return 'PROCESSING_FAILED';
  }
};
