import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../session/context.ts';
import { answerOf, type User } from './client.ts';

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
    mutationFn: (body: { email: string; role: User['role'] }) =>
      answerOf(api.POST('/v1/users', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Gives a user another role. */
export function useChangeRole() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, role }: { id: string; role: User['role'] }) =>
      answerOf(api.PATCH('/v1/users/{id}', { params: { path: { id } }, body: { role } })),
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
