import { apiHandler } from '#shared/api/handler.ts';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import { submission } from '#shared/adapters/aws/submission.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { clock, logger } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  ...submission(env),
  answers: aws.sealedAnswers(env),
  rateSchedules: aws.rateScheduleReader(env),
  reputations: aws.reputations(env),
  sendingAccount: aws.sendingAccount(clock, (error) =>
    logger.warn('the sending account could not be read', { error }),
  ),
  uploads: aws.uploads(env),
  composeMail,
}));
