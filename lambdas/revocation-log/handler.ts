import * as aws from '#shared/adapters/aws/wire.ts';
import { logger, streamHandler } from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { logRevocations } from './log-revocations.ts';

export const handler = streamHandler(declaration, logRevocations, (env) => ({
  ledger: aws.revocationLedger(env),
  log: (error) => logger.error('a revocation was not written', { error }),
}));
