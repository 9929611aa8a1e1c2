/** Parts of the API by the first segments of paths, in the order of the OpenAPI document. */
const parts = {
  domains: {
    of: ['domains', 'overview', 'records'],
    says: 'Domains, their records, keys, policies and reports',
  },
  'hand-over': {
    of: ['contacts', 'hand-over', 'shared'],
    says: 'Links and mails to who runs the DNS',
  },
  messages: {
    of: ['messages', 'message-counts', 'uploads', 'suppressions'],
    says: 'Sending, what became of it, and the suppression list',
  },
  events: { of: ['webhooks', 'notices'], says: 'Webhooks, and mails about what needs somebody' },
  access: {
    of: ['api-keys', 'users', 'audit', 'me', 'tenant', 'limits'],
    says: 'Who may act for an account, and its limits',
  },
  platform: {
    of: ['tenants', 'platform', 'imports'],
    says: 'For platforms: accounts, tokens and imports',
  },
} as const satisfies Record<string, { readonly of: readonly string[]; readonly says: string }>;

/** Returns the part of the API that a path belongs to: its first segment after `/v1`, where it has none. */
export function tagOf(path: string): string {
  const [, , segment = ''] = path.split('/');
  const found = Object.entries(parts).find(([, { of }]) =>
    (of as readonly string[]).includes(segment),
  );
  return found?.[0] ?? segment;
}

/** The tags of the OpenAPI document that paths have, with what each is about. */
export function tagObjects(paths: readonly string[]): { name: string; description?: string }[] {
  const used = new Set(paths.map(tagOf));
  const known = Object.entries(parts).filter(([name]) => used.delete(name));
  return [
    ...known.map(([name, { says }]) => ({ name, description: says })),
    ...[...used].toSorted().map((name) => ({ name })),
  ];
}
