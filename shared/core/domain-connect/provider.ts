import * as z from 'zod';

/** The settings of a DNS provider, as far as the service uses them (§7.2). */
export interface ProviderSettings {
  /** For people; the provider's operator chose it. */
  readonly name: string;
  /** Without a slash at its end. */
  readonly urlApi: string;
  /** Absent where the provider has no synchronous flow for the domain. */
  readonly urlSyncUX?: string;
}

/**
 * The settings of a domain at its provider, from the text of a `_domainconnect` record: authority and
 * path, without scheme, query or fragment (§7.1). Ports other than 443 are not gone to.
 *
 * @returns undefined where the text is no such thing
 */
export function settingsUrl(text: string, domain: string): URL | undefined {
  // A value that begins with a scheme would be read as a host of that name.
  const prefix = text.includes('://') ? undefined : httpsPrefix(`https://${text.trim()}`);
  return prefix === undefined ? undefined : new URL(`${prefix}/v2/${domain}/settings`);
}

/** A URL to which paths are added; undefined where it is not https alone, host and path. */
function httpsPrefix(text: string): string | undefined {
  const url = URL.canParse(text) && /^[\x21-\x7e]+$/.test(text) ? new URL(text) : undefined;
  const plain =
    url?.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    !/[?#\\]/.test(text);
  return plain ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : undefined;
}

const prefixField = z.string().transform((text, context) => {
  const prefix = httpsPrefix(text);
  if (prefix !== undefined) return prefix;
  context.addIssue({ code: 'custom', message: 'is not an https URL of host and path alone' });
  return z.NEVER;
});
const displayName = z.string().min(1).max(255);

const settings = z.object({
  providerName: displayName,
  providerDisplayName: displayName.nullish(),
  urlAPI: prefixField,
  urlSyncUX: prefixField.nullish(),
  crit: z.array(z.string()).nullish(),
});

/** The properties that are understood here, for `crit`. */
const understood = new Set([
  'providerId',
  'providerName',
  'providerDisplayName',
  'urlAPI',
  'urlSyncUX',
  'nameServers',
  'crit',
]);

/**
 * Reads the answer of a settings end-point. It ignores unknown members, unless the provider forbids
 * that by `crit` (§7.2.1).
 *
 * @returns a sentence in place of the settings where they are of no use
 */
export function readSettings(body: string): ProviderSettings | string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return 'its settings are not JSON';
  }
  const parsed = settings.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `its settings are not as they must be: "${issue?.path.join('.')}": ${issue?.message}`;
  }
  const { providerName, providerDisplayName, urlAPI, urlSyncUX, crit } = parsed.data;
  const unknown = (crit ?? []).find(
    (name) => name in (json as Record<string, unknown>) && !understood.has(name),
  );
  if (unknown !== undefined) return `it demands "${unknown.slice(0, 64)}", which is not known here`;
  return {
    name: providerDisplayName ?? providerName,
    urlApi: urlAPI,
    ...(urlSyncUX == null ? {} : { urlSyncUX }),
  };
}
