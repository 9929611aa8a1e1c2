import type { ApiEvent } from '#shared/api/http.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf, logFailedRequest, system } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

const ports = { tenants: aws.tenants(environmentOf(declaration)), ...system };

export const handler = (event: ApiEvent) => answer(event, ports, logFailedRequest);
