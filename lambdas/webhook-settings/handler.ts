import type { ApiEvent } from '#shared/api/http.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { deploymentOf, environmentOf, logFailedRequest, system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

const env = environmentOf(declaration);
const { zone } = deploymentOf(env);
const ports = { webhooks: aws.webhooks(env), zone, ...system };

export const handler = (event: ApiEvent) => answer(event, ports, logFailedRequest);
