/** The forms in which DNS providers want the name of a record. */
export type NameForm =
  | { readonly kind: 'full' }
  /** Without the name of the zone that it is entered in. */
  | { readonly kind: 'relative'; readonly zone: string };

/** The name of a record as it is entered: `zero._domainkey`, `@` for the zone itself. */
export function enteredName(name: string, form: NameForm): string {
  if (form.kind === 'full') return name;
  if (name === form.zone) return '@';
  return name.endsWith(`.${form.zone}`) ? name.slice(0, -form.zone.length - 1) : name;
}

/**
 * The zones that the records of a domain may be entered in: the domain and the domains above it,
 * but for the last label.
 */
export function possibleZones(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}

/** Priority and server of an MX record, which most providers ask for apart. */
export function mxParts(value: string): { priority: string; server: string } | undefined {
  const [, priority, server] = /^(\d+) (\S+)$/.exec(value) ?? [];
  return priority === undefined || server === undefined ? undefined : { priority, server };
}
