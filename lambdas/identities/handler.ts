import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, environmentOf, patience, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { maintainAll, type IdentityPorts } from './maintain.ts';
import { pacer } from './pacer.ts';
import { report } from './reporting.ts';

const env = environmentOf(declaration);
const ports: IdentityPorts = {
  ...patience,
  deployment: deploymentOf(env),
  claims: aws.claims(env),
  identities: aws.identities(env),
  ses: aws.sesControl(),
  pace: pacer(patience.clock, patience.sleep),
  report,
};

/** Left for the last call and its note. */
const RESERVE_MS = 15_000;

/** Domains whose SES identity may have to come, go or be polled; FIFO with one group, so nobody else calls SES meanwhile. */
export const handler = sqsHandler((bodies, deadline) =>
  maintainAll(ports, bodies, deadline - RESERVE_MS),
);
