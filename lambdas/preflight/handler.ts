import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf } from '#shared/runtime/handler.ts';
import { answerPreflight } from './answer-preflight.ts';
import declaration from './function.ts';

const ports = { platforms: aws.platformOrigins(environmentOf(declaration)) };

/** Preflight requests, of every route. */
export const handler = (event: ApiEvent): Promise<ApiResult> => answerPreflight(event, ports);
