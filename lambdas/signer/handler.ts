import { randomUUID } from 'node:crypto';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import { clock, logger, sqsHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { keyConfirmation } from './key-confirmation.ts';
import { KeyCache } from './key-cache.ts';
import { sendAll } from './send-all.ts';
import { readSettings } from './settings.ts';
import { throttledSendingLog } from './throttled-sending-log.ts';
import { askForAnotherKey } from './unusable-key.ts';
import { postSendVerification } from './post-send-verification.ts';

export const handler = sqsHandler(declaration, sendAll, (env) => {
  const checks = aws.checks(env);
  const runs = aws.rotationRuns(env);
  const rotationQueue = aws.queue<RepairRequest>(env.ROTATION_QUEUE_URL);
  return {
    settings: readSettings(env),
    messages: aws.messages(env),
    mails: aws.mails(env),
    claims: aws.claims(env),
    revokedKeys: aws.revokedKeys(env),
    keys: new KeyCache(aws.keyVault(env)),
    mailer: aws.mailer(env),
    outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
    sendingLog: throttledSendingLog(checks),
    bus: aws.eventBus(env),
    askForAnotherKey: askForAnotherKey({ rotationQueue, runs, clock }),
    keyConfirmation: keyConfirmation({
      resolver: dns.briefResolver(env),
      verdicts: checks,
      rotationQueue,
      clock,
      log: logger,
    }),
    postSendVerification: postSendVerification({
      resolver: dns.resolver(env),
      runs,
      rotationQueue,
      clock,
      log: logger,
    }),
    clock,
    newLease: randomUUID,
    jitter: Math.random,
    isOutage,
    log: logger,
  };
});
