/** The names under which answers are cached. */
export const keys = {
  domains: ['domains'] as const,
  domain: (name: string) => ['domain', name] as const,
  keys: (name: string) => ['keys', name] as const,
  domainConnect: (name: string) => ['domain-connect', name] as const,
  shareLinks: (name: string) => ['share-links', name] as const,
  senders: (name: string) => ['senders', name] as const,
  plan: (name: string) => ['plan', name] as const,
  apiKeys: ['api-keys'] as const,
  webhooks: ['webhooks'] as const,
  suppressions: ['suppressions'] as const,
  deliveries: (id: string) => ['deliveries', id] as const,
  reports: (name: string) => ['reports', name] as const,
  effects: (name: string) => ['effects', name] as const,
  messageCounts: (domain: string) => ['message-counts', domain] as const,
  message: (id: string) => ['message', id] as const,
};
