import { submission } from '#shared/adapters/aws/submission.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import { submitMail } from '#shared/app/sending/submit.ts';
import {
  deploymentOf,
  logger,
  retryTime,
  scheduleHandler,
  system,
} from '#shared/runtime/handler.ts';
import declaration from './function.ts';
import { type CanaryPorts, sendCanary } from './send-canary.ts';

/** The time when it was due does not matter: each call sends a mail of its own. */
const send = (ports: CanaryPorts, _at: Date, deadline: number): Promise<void> =>
  sendCanary(ports, deadline);

/** Asks the API with a key that nobody has, and returns the status of its answer. */
const askApi = (url: string) => async (): Promise<number> => {
  const response = await fetch(new URL('/v1/limits', url), {
    headers: { authorization: `Bearer canary-${system.random.bytes(16).toString('hex')}` },
    signal: AbortSignal.timeout(15_000),
  });
  await response.arrayBuffer();
  return response.status;
};

export const handler = scheduleHandler(declaration, send, (env) => {
  const submitPorts = submission(env);
  return {
    ...system,
    sleep: retryTime.sleep,
    sender: JSON.parse(env.CANARY) as CanaryPorts['sender'],
    deployment: deploymentOf(env),
    messages: submitPorts.messages,
    arrivals: aws.canaryArrivals(env),
    composeMail,
    submit: (mail) => submitMail(submitPorts, mail),
    askApi: askApi(env.API_URL),
    log: logger,
  };
});
