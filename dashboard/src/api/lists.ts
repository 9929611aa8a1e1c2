import { useInfiniteQuery } from '@tanstack/react-query';
import { useApi } from '../session/context.ts';
import { answerOf, type Message } from './client.ts';
import { byCursor, pageOf } from './paging.ts';

/** Items a page of a list that grows by "Show older". */
const PAGE = 25;

/** Queries the events of a domain, newest first. */
export function useEvents(name: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['events', name],
    ...byCursor,
    queryFn: ({ signal, pageParam }) =>
      answerOf(
        api.GET('/v1/domains/{name}/events', {
          params: { path: { name }, query: pageOf(pageParam, PAGE) },
          signal,
        }),
      ),
  });
}

/** What a list of mails is limited to; all where nothing is given. */
export interface MessageFilter {
  readonly domain?: string;
  readonly recipient?: string;
  readonly status?: Message['status'];
}

/** The mails that a filter leaves, newest first. */
export function useMessages(filter: MessageFilter) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['messages', filter],
    ...byCursor,
    queryFn: ({ signal, pageParam }) =>
      answerOf(
        api.GET('/v1/messages', {
          params: { query: { ...filter, ...pageOf(pageParam, PAGE) } },
          signal,
        }),
      ),
  });
}
