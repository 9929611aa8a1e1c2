import { randomUUID } from 'node:crypto';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import * as dns from '#shared/adapters/dns/wire.ts';
import { readReputation } from '#shared/app/read-reputation.ts';
import { logRecovered } from '#shared/app/revocations/log.ts';
import { recoveredFirst } from '#shared/app/revocations/recover.ts';
import { rateLeases } from '#shared/app/sending/rate-leases.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import { clock, logger, retryTime, sqsHandler } from '#shared/runtime/handler.ts';
import { checkedKeys } from './checked-keys.ts';
import declaration from './function.ts';
import { keyConfirmation } from './key-confirmation.ts';
import { KeyCache } from './key-cache.ts';
import { sendAll } from './send-all.ts';
import { readSettings } from './settings.ts';
import { throttledSendingLog } from './throttled-sending-log.ts';
import { SendingStandings } from './sending-standings.ts';
import { TenantStates } from './tenant-states.ts';
import { askForAnotherKey } from './unusable-key.ts';
import { postSendVerification } from './post-send-verification.ts';

export const handler = sqsHandler(declaration, sendAll, (env) => {
  const checks = aws.senderChecks(env);
  const runs = aws.rotationRuns(env);
  const rotationQueue = aws.queue<RepairRequest>(env.ROTATION_QUEUE_URL);
  return {
    settings: readSettings(env),
    messages: aws.messages(env),
    heldMessages: aws.heldMessages(env),
    tenantStates: new TenantStates(aws.apiKeys(env), clock),
    mails: aws.mails(env),
    outbox: aws.outbox(env),
    claims: aws.claims(env),
    standings: new SendingStandings(aws.reputations(env), clock, readReputation(env).isEnforced),
    suppressions: aws.suppressed(env, 'latest'),
    revokedKeys: checkedKeys(
      recoveredFirst(aws.revokedKeys(env), {
        ledger: aws.revocationLedger(env),
        log: logRecovered,
        clock,
      }),
      clock,
    ),
    keys: new KeyCache(aws.keyVault(env)),
    mailer: aws.mailer(env),
    rateLeases: rateLeases({
      schedules: aws.rateSchedules(env, clock),
      askRate: aws.sendRate(),
      clock,
      sleep: retryTime.sleep,
      log: logger,
    }),
    outbound: aws.queue(env.OUTBOUND_QUEUE_URL),
    sendingLog: throttledSendingLog(checks),
    bus: aws.mailEventBus(env, clock),
    askForAnotherKey: askForAnotherKey({ rotationQueue, runs, clock }),
    keyConfirmation: keyConfirmation({
      resolver: dns.briefSignerResolver(env),
      verdicts: checks,
      rotationQueue,
      clock,
      log: logger,
    }),
    postSendVerification: postSendVerification({
      resolver: dns.signerResolver(env),
      runs,
      rotationQueue,
      clock,
      log: logger,
    }),
    clock,
    sleep: retryTime.sleep,
    newLease: randomUUID,
    jitter: Math.random,
    isOutage,
    log: logger,
  };
});
