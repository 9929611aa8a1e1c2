import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, type NoticeRecipient } from '../client.ts';

const KEY = ['notices'] as const;

/** Who is mailed what needs somebody. */
export function useNotices() {
  const api = useApi();
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answerOf(api.GET('/v1/notices', { signal })),
  });
}

/** Replaces who is mailed; refused where another changed them since they were read. */
export function useChangeNotices() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { recipients: NoticeRecipient[]; revision: number }) =>
      answerOf(api.PATCH('/v1/notices', { body: change })),
    onSuccess: (notices) => client.setQueryData(KEY, notices),
    onError: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
