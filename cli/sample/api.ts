import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';

/** The API of the local run, as one tenant's programs call it. */
export interface SampleApi {
  /**
   * @returns the document that was answered
   * @throws Error where the request is refused
   */
  call(method: string, path: string, body?: object | string): Promise<unknown>;
  /** All domains of the tenant. */
  domains(): Promise<DomainDocument[]>;
}

/** @param key the tenant's API key */
export function sampleApi(url: string, key: string): SampleApi {
  const call: SampleApi['call'] = async (method, path, body) => {
    const isMail = typeof body === 'string';
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': isMail ? 'message/rfc822' : 'application/json',
      },
      ...(body === undefined ? {} : { body: isMail ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    call,
    async domains() {
      const found: DomainDocument[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
        const page = (await call('GET', `/v1/domains?${query.toString()}`)) as {
          domains: DomainDocument[];
          cursor: string | null;
        };
        found.push(...page.domains);
        cursor = page.cursor;
      }
      return found;
    },
  };
}
