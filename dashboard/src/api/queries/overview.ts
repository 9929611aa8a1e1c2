import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, type Api, type DomainInShort, type RecentMail } from '../client.ts';
import { keys } from './keys.ts';

/** All domains of the account in short, and what became of its mail. */
export interface Overview {
  readonly domains: readonly DomainInShort[];
  readonly mail: RecentMail;
}

/** Milliseconds between two queries, for accounts with one page of domains and for larger ones. */
const INTERVAL = { one: 30_000, more: 300_000 };
const PAGE = 1_000;

/** Queries all domains in short; lists search and filter in them without asking again. */
export function useOverview() {
  const api = useApi();
  return useQuery({
    queryKey: [...keys.domains, 'overview'],
    queryFn: ({ signal }) => readOverview(api, signal),
    refetchInterval: ({ state: { data } }) =>
      (data?.domains.length ?? 0) > PAGE ? INTERVAL.more : INTERVAL.one,
  });
}

async function readOverview(api: Api, signal: AbortSignal): Promise<Overview> {
  const domains: DomainInShort[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await answerOf(
      api.GET('/v1/overview', {
        params: { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    );
    domains.push(...page.domains);
    if (page.cursor === null) return { domains, mail: page.mail };
    cursor = page.cursor;
  }
}
