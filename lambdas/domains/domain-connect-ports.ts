import { requestSigner } from '#shared/adapters/aws/wire.ts';
import { addressesBy } from '#shared/adapters/dns/addresses.ts';
import { publicRequest } from '#shared/adapters/https/public-request.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { DomainConnectService } from '#shared/core/domain-connect/service.ts';
import { logger } from '#shared/runtime/log.ts';
import type { DomainPorts } from './ports.ts';

/**
 * Makes the ports of Domain Connect, where the operator has set it up.
 *
 * @param env DOMAIN_CONNECT is JSON of `DomainConnectService` and the `key` that signs, an ARN; `null`
 *   where it is off
 */
export function domainConnect(
  env: { readonly DOMAIN_CONNECT: string },
  resolver: Resolver,
): Pick<DomainPorts, 'domainConnect'> {
  const service = JSON.parse(env.DOMAIN_CONNECT) as
    | (DomainConnectService & { readonly key: string })
    | null;
  if (service === null) return {};
  return {
    domainConnect: {
      service,
      signer: requestSigner(service.key),
      request: publicRequest(addressesBy(resolver), { timeoutMs: 5_000 }),
      log: (problem) => logger.error(problem),
    },
  };
}
