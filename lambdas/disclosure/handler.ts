import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { clock, scheduleHandler } from '#shared/runtime/handler.ts';
import { discloseDue } from './disclose.ts';
import declaration from './function.ts';
import type { DisclosurePorts } from './ports.ts';
import { log } from './log.ts';

export const handler = scheduleHandler(
  declaration,
  (ports: DisclosurePorts, _, deadline) => discloseDue(ports, deadline),
  (env) => ({
    claims: aws.claims(env),
    disclosures: aws.disclosures(env),
    revokedKeys: aws.revokedKeys(env),
    resolver: dns.resolver(env),
    vault: aws.keyVault(env),
    clock,
    log,
  }),
);
