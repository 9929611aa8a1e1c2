import { useMutation, useQuery } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { nextDelay } from '../back-off.ts';
import { answerOf, type Message } from '../client.ts';
import { keys } from './keys.ts';

/** Sends a mail. @returns its id */
export function useSendMail() {
  const api = useApi();
  return useMutation({
    mutationFn: async ({ raw, key }: { raw: string; key: string }) => {
      const { id } = await answerOf(
        api.POST('/v1/messages', {
          body: raw,
          bodySerializer: (body) => body,
          headers: { 'content-type': 'message/rfc822' },
          params: { header: { 'Idempotency-Key': key } },
        }),
      );
      return id;
    },
  });
}

/** Queries the mails from a domain in the last 30 days, by channel. */
export function useMessageCounts(domain: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.messageCounts(domain),
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/message-counts', { params: { query: { domain } }, signal })),
  });
}

/** Returns true if nobody's state is expected to change any more. */
const isFinal = ({ counts }: Message): boolean =>
  (['accepted', 'sent', 'delayed', 'unclear'] as const).every(
    (state) => counts[state] === undefined,
  );

/** Queries the state of a mail until it is final for all its recipients. */
export function useMessage(id: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: keys.message(id ?? ''),
    enabled: id !== undefined,
    queryFn: ({ signal }) =>
      answerOf(api.GET('/v1/messages/{id}', { params: { path: { id: id ?? '' } }, signal })),
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data !== undefined && isFinal(data) ? false : nextDelay(dataUpdateCount, { first: 1_000 }),
  });
}
