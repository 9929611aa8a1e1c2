import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../session/context.ts';
import { answerOf } from './client.ts';

const KEY = ['users'] as const;

/** Those who may use the dashboard for the tenant. */
export function useUsers() {
  const api = useApi();
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answerOf(api.GET('/v1/users', { signal })),
  });
}

/** Invites somebody, or sends another invitation to one who has not signed in yet. */
export function useInviteUser() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (email: string) => answerOf(api.POST('/v1/users', { body: { email } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRemoveUser() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE('/v1/users/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
