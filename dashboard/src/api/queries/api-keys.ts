import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../session/context.ts';
import { answerOf, type Scope } from '../client.ts';
import type { KeyBinding } from '../../settings/key-binding.tsx';
import { keys } from './keys.ts';

export function useApiKeys() {
  const api = useApi();
  return useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => answerOf(api.GET('/v1/api-keys', { signal })),
  });
}

/** Makes a key; the answer is the only place that has it. */
export function useIssueApiKey() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: { name: string; scopes: Scope[] } & KeyBinding) =>
      answerOf(api.POST('/v1/api-keys', { body: wanted })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}

export function useRevokeApiKey() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, made }: { id: string; made: boolean }) =>
      answerOf(
        api.DELETE('/v1/api-keys/{id}', {
          params: { path: { id }, query: { made: made ? 'true' : 'false' } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
  });
}
