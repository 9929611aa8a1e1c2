import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { nextDelay } from '../back-off.ts';
import { answerOf, ApiError, type Api, type Domain } from '../client.ts';
import { keys } from './keys.ts';

/**
 * Queries a domain. While the page is visible, it queries an unsettled one again and again, less
 * often while nothing changes; each query makes the service check DNS.
 */
export function useDomain(name: string) {
  const api = useApi();
  const client = useQueryClient();
  return useQuery({
    queryKey: keys.domain(name),
    queryFn: async ({ signal }) => {
      const known = client.getQueryData<FetchedDomain>(keys.domain(name));
      const domain = await fetchDomain(api, name, known?.domain, signal);
      const unchanged = known !== undefined && isSame(known.domain, domain);
      return { domain, unchanged: unchanged ? known.unchanged + 1 : 0 };
    },
    select: ({ domain }) => domain,
    refetchInterval: ({ state }) =>
      state.data === undefined || isSettled(state.data.domain)
        ? 60_000
        : nextDelay(state.data.unchanged, { longest: LONGEST_MS }),
  });
}

/** So that what was put right is shown within 15 s, a check included. */
const LONGEST_MS = 8_000;

export interface FetchedDomain {
  readonly domain: Domain;
  /** Number of queries in a row that found nothing new. */
  readonly unchanged: number;
}

const isSame = (a: Domain, b: Domain): boolean =>
  JSON.stringify({ ...a, checkedAt: null }) === JSON.stringify({ ...b, checkedAt: null });

/** Nothing is expected to change within the minute. */
export const isSettled = ({
  lifecycle,
  status,
  purpose,
  sending,
  dkim,
  records,
}: Domain): boolean =>
  lifecycle === 'deleting' ||
  (status === 'verified' &&
    (purpose === 'parked' || (sending === 'ready' && dkim.current !== null)) &&
    records.every((record) => record.status === 'ok' || record.status === 'ok-external'));

async function fetchDomain(
  api: Api,
  name: string,
  known: Domain | undefined,
  signal: AbortSignal,
): Promise<Domain> {
  if (known !== undefined && !isSettled(known)) {
    try {
      return await checkNow(api, name, signal);
    } catch (error) {
      // Deleted meanwhile, or too many requests: what is known of it is still shown.
      const passing = error instanceof ApiError && [409, 429].includes(error.status);
      if (!passing) throw error;
    }
  }
  return readDomain(api, name, signal);
}

const readDomain = (api: Api, name: string, signal?: AbortSignal): Promise<Domain> =>
  answerOf(
    api.GET('/v1/domains/{name}', { params: { path: { name } }, ...(signal && { signal }) }),
  );

/** The pause in milliseconds, and the number of times. */
const REREAD = { pause: 1_500, times: 8 };

/** Has the domain checked. A check that takes longer is awaited, up to 12 s. */
export async function checkNow(api: Api, name: string, signal?: AbortSignal): Promise<Domain> {
  const answer = await answerOf(
    api.POST('/v1/domains/{name}/checks', {
      params: { path: { name } },
      ...(signal && { signal }),
    }),
  );
  if ('records' in answer) return answer;
  let domain: Domain;
  let left = REREAD.times;
  do {
    await new Promise((resolve) => setTimeout(resolve, REREAD.pause));
    domain = await readDomain(api, name, signal);
    left -= 1;
  } while (domain.checkedAt === answer.checkedAt && left > 0);
  return domain;
}

/** Notes a domain as an answer has it, and has the list queried again. */
export function noteDomain(client: QueryClient, domain: Domain): void {
  client.setQueryData<FetchedDomain>(keys.domain(domain.name), { domain, unchanged: 0 });
  void client.invalidateQueries({ queryKey: keys.domains });
}
