import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { clock, environmentOf } from '#shared/runtime/handler.ts';
import { discloseDue } from './disclose.ts';
import declaration from './function.ts';
import type { DisclosurePorts } from './ports.ts';
import { report } from './reporting.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

const env = environmentOf(declaration);
const ports: DisclosurePorts = {
  claims: aws.claims(env),
  disclosures: aws.disclosures(env),
  revokedKeys: aws.revokedKeys(env),
  resolver: dns.resolver(env),
  vault: aws.keyVault(env),
  clock,
  report,
};

/** The last look begins so long after the call; the function's own time ends a minute later. */
const CALL_MS = declaration.timeout * 1000 - MINUTE_MS;

export const handler = (): Promise<void> => discloseDue(ports, Date.now() + CALL_MS);
