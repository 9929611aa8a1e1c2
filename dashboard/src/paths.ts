/** The addresses of the pages. */
export const paths = {
  home: '/',
  domains: '/domains',
  mail: '/mail',
  suppressions: '/suppressions',
  webhooks: '/webhooks',
  notices: '/notices',
  apiKeys: '/api-keys',
  users: '/users',
  addDomain: '/add-domain',
  operator: '/operator',
  imports: '/operator/imports',
  platformLimits: '/operator/limits',
  domain: (name: string) => `/domains/${encodeURIComponent(name)}`,
  import: (id: string) => `/operator/imports/${encodeURIComponent(id)}`,
  setUp: (name: string) => `/domains/${encodeURIComponent(name)}/set-up`,
  test: (name: string) => `/domains/${encodeURIComponent(name)}/test`,
} as const;
