import { budgetDefinitions, type Standing } from '#shared/core/model/budgets.ts';
import type { ApiResult } from './http.ts';

/**
 * An answer with what is left of the budgets that its request took from, in the fields `RateLimit`
 * and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
 *
 * @param standings as they were reported; the last of a budget counts
 */
export function withRateLimitFields(result: ApiResult, standings: readonly Standing[]): ApiResult {
  const last = new Map(standings.map((one) => [one.budget, one]));
  if (last.size === 0) return result;
  const all = [...last.values()];
  return {
    ...result,
    headers: {
      ...result.headers,
      ratelimit: all.map(serviceLimit).join(', '),
      'ratelimit-policy': all.map(quotaPolicy).join(', '),
    },
  };
}

const serviceLimit = ({ budget, remaining, resetSeconds }: Standing): string =>
  `"${budget}";r=${remaining}${resetSeconds === undefined ? '' : `;t=${resetSeconds}`}`;

function quotaPolicy({ budget, limit }: Standing): string {
  const definition = budgetDefinitions[budget];
  return `"${budget}";q=${limit}${definition.kind === 'window' ? `;w=${definition.seconds}` : ''}`;
}
