import * as aws from '#shared/adapters/aws/wire.ts';
import { readReputation } from '#shared/app/read-reputation.ts';
import { clock, count, logger, topicHandler } from '#shared/runtime/handler.ts';
import { AccountCounts } from './account-counts.ts';
import { applySesEvents, type SesEventsPorts } from './apply-events.ts';
import declaration from './function.ts';

/** SES events to the status of messages: each by SNS, or in batches from the queue of those that failed. */
const apply = async (ports: SesEventsPorts, bodies: readonly string[]) => {
  const { failed, unmatched } = await applySesEvents(ports, bodies);
  if (unmatched > 0) count('EventsUnmatched', unmatched);
  return failed;
};

export const handler = topicHandler(declaration, apply, (env) => ({
  settings: readReputation(env),
  account: new AccountCounts(aws.reputations(env), clock),
  messages: aws.messages(env),
  suppressions: aws.reportedSuppressions(env),
  reputations: aws.reputations(env),
  bus: aws.mailEventBus(env, clock),
  operatorEvents: aws.operatorEvents(env),
  countStanding: (to) => (to === 'paused' ? count('SendingPaused') : count('SendingSlowed')),
  clock,
  log: logger,
}));
