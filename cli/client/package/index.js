import createClient from 'openapi-fetch';

export function senderDomains({ baseUrl, key, tenant, fetch }) {
  const headers = { authorization: `Bearer ${key}` };
  if (tenant !== undefined) headers['sender-domains-tenant'] = tenant;
  return createClient({ baseUrl, headers, ...(fetch === undefined ? {} : { fetch }) });
}
