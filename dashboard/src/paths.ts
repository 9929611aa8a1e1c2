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
  domain: (name: string) => `/domains/${encodeURIComponent(name)}`,
  setUp: (name: string) => `/domains/${encodeURIComponent(name)}/set-up`,
  test: (name: string) => `/domains/${encodeURIComponent(name)}/test`,
} as const;
