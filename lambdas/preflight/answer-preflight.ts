import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';

/** Seconds that a browser remembers the answer; Chromium's own limit is as long. */
const REMEMBERED_SECONDS = 7_200;

/**
 * Answers a browser that asks whether a page may call the API (Fetch §4.8): yes, if any platform
 * names the origin of the page. A preflight request has no credentials; whether the token of the
 * request that follows is for this origin is the authorizer's to check.
 */
export async function answerPreflight(
  { headers }: Pick<ApiEvent, 'headers'>,
  { platforms }: { readonly platforms: Pick<PlatformStore, 'hasOrigin'> },
): Promise<ApiResult> {
  const origin = headers['origin'];
  const isKnown = origin !== undefined && (await platforms.hasOrigin(origin));
  return {
    statusCode: 204,
    headers: {
      vary: 'origin',
      ...(isKnown
        ? {
            'access-control-allow-origin': origin,
            'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
            'access-control-allow-headers': 'authorization, content-type, idempotency-key',
            'access-control-max-age': String(REMEMBERED_SECONDS),
          }
        : {}),
    },
  };
}
