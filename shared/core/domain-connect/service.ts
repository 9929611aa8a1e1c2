/**
 * Domain Connect (draft-ietf-dconn-domainconnect-05): a customer's DNS provider writes the
 * service's records itself, once the customer has agreed to it there. A template that the provider
 * adopted beforehand names the records; a URL that the service signs and the customer follows gives
 * the values.
 */

/** The operator's description of the service to DNS providers and their customers. */
export interface DomainConnectService {
  /** The operator's domain; names the template together with `serviceId`. */
  readonly providerId: string;
  /** The operator's name as DNS providers show it. */
  readonly providerName: string;
  readonly serviceId: string;
  /** The service's name as DNS providers show it. */
  readonly serviceName: string;
  /** A picture for DNS providers to show: an https URL. */
  readonly logoUrl?: string;
  /** The host that the dashboard is at, where customers come back to. */
  readonly dashboard: string;
}

/**
 * The label of the key that URLs are signed with, below the service's zone (§6.4). Another key would
 * need another label, since providers' resolvers remember this one.
 */
export const KEY_LABEL = '_dcpubkeyv1';

/** Returns the name of the public key: `_dcpubkeyv1.<zone>`. */
export const keyName = (zone: string): string => `${KEY_LABEL}.${zone}`;
