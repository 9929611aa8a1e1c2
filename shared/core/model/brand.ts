/** How notices and pages appear to the customers and contacts of a tenant; each part may be absent. */
export interface Brand {
  /** In the place of the service's own name. */
  readonly name?: string;
  /** An https URL. */
  readonly logoUrl?: string;
  /** CSS colours as `#rrggbb`. */
  readonly colors?: { readonly primary?: string; readonly background?: string };
  /** Who helps: a mail address or an https URL. */
  readonly support?: string;
  /** The From of notices; a domain that the tenant or the operator holds. */
  readonly sender?: { readonly name?: string; readonly email: string };
}
