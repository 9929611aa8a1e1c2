import type { ApiResult } from '#shared/api/http.ts';
import type { SharedRecords } from './share-records.ts';

/**
 * Makes a page of the records behind a link, for the domain's DNS administrators. It is static,
 * loads nothing, forbids indexing and sends no Referer field, since its address is the secret.
 */
export function sharedPage({ name, records, expiresAt }: SharedRecords): ApiResult {
  const rows = records.map(
    ({ name: at, type, value, required, status, hint, why }) =>
      `<tr><td>${escaped(status)}<td><code>${escaped(at)}</code><td>${escaped(type)}<td><code>${escaped(value || (status === 'preparing' ? 'not known yet' : ''))}</code><td>${required ? 'Required. ' : ''}${escaped(hint ?? why)}`,
  );
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    },
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>DNS records for ${escaped(name)}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem; }
  table { border-collapse: collapse; }
  th, td { text-align: left; vertical-align: top; padding: .5rem; border-top: 1px solid #ccc; }
  code { overflow-wrap: anywhere; }
</style>
<h1>DNS records for ${escaped(name)}</h1>
<p>Please publish these records. This page shows how they stand, and can be read until ${escaped(expiresAt.slice(0, 10))}.
Add <code>?format=bind</code>, <code>route53</code>, <code>cloudflare</code>, <code>terraform</code> or <code>csv</code> to its address to get those that remain to be done as a file.</p>
<table>
<thead><tr><th scope="col">Status<th scope="col">Name<th scope="col">Type<th scope="col">Value<th scope="col">
<tbody>
${rows.join('\n')}
</table>
</html>
`,
  };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => entities[one] ?? '');
