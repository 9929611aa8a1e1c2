import { randomUUID } from 'node:crypto';
import { SEND_TIMEOUT_SECONDS } from '#shared/adapters/aws/mailer.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import type { MendRequest } from '#shared/app/ports/rotation-requests.ts';
import { clock, environmentOf, logger, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { KeyCache } from './key-cache.ts';
import type { SignerPorts } from './ports.ts';
import { sendAll } from './send-all.ts';
import { readSettings } from './settings.ts';
import { sparseSendingLog } from './sparse-sending-log.ts';
import { askForAnotherKey } from './unusable-key.ts';
import { watchFreshKeys } from './watch.ts';

const env = environmentOf(declaration);
const settings = readSettings(env);
const runs = aws.rotationRuns(env);
const rotationQueue = aws.queue<MendRequest>(env.ROTATION_QUEUE_URL);
const resolver = dns.resolver(env);

const ports: SignerPorts = {
  messages: aws.messages(env),
  mails: aws.mails(env),
  claims: aws.claims(env),
  revokedKeys: aws.revokedKeys(env),
  keys: new KeyCache(aws.keyVault(env)),
  mailer: aws.mailer(env),
  outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
  sendingLog: sparseSendingLog(aws.checks(env)),
  bus: aws.eventBus(env),
  askForAnotherKey: askForAnotherKey({ rotationQueue, runs, clock }),
  watch: watchFreshKeys({ resolver, runs, rotationQueue, clock, log: logger }),
  clock,
  newLease: randomUUID,
  jitter: Math.random,
  isOutage,
  log: logger,
};

/** Left for an attempt that has just begun, and for the note of its outcome. */
const RESERVE_MS = (SEND_TIMEOUT_SECONDS + 5) * 1000;

export const handler = sqsHandler((_, deadline, records) =>
  sendAll(ports, settings, records, new Date(deadline - RESERVE_MS)),
);
