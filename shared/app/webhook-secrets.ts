import type { SecretBox, SecretContext } from './ports/secret-box.ts';
import type { KeptSecret, Webhook } from './ports/webhook-store.ts';

type Owner = Pick<Webhook, 'tenant' | 'id'>;

const contextOf = ({ tenant, id }: Owner): SecretContext => ({ purpose: 'webhook', tenant, id });

/** Seals a secret of a webhook. @throws Throttled */
export const sealSecret = (secret: string, webhook: Owner, box: Pick<SecretBox, 'seal'>) =>
  box.seal(secret, contextOf(webhook));

/** Opens a secret of a webhook; one that an earlier release stored is not sealed. @throws Throttled */
export const openSecret = async (
  secret: KeptSecret,
  webhook: Owner,
  box: Pick<SecretBox, 'open'>,
): Promise<string> => (typeof secret === 'string' ? secret : box.open(secret, contextOf(webhook)));

/** Returns true if a webhook has a secret that is not sealed. */
export const hasPlainSecret = ({ secret, previousSecrets = [] }: Webhook): boolean =>
  [secret, ...previousSecrets.map((one) => one.secret)].some((one) => typeof one === 'string');

/** The secrets of a webhook, all sealed. @throws Throttled */
export async function sealedSecrets(
  webhook: Webhook,
  box: Pick<SecretBox, 'seal'>,
): Promise<Pick<Webhook, 'secret' | 'previousSecrets'>> {
  const sealed = async (secret: KeptSecret): Promise<KeptSecret> =>
    typeof secret === 'string' ? sealSecret(secret, webhook, box) : secret;
  const { previousSecrets } = webhook;
  return {
    secret: await sealed(webhook.secret),
    ...(previousSecrets === undefined
      ? {}
      : {
          previousSecrets: await Promise.all(
            previousSecrets.map(async (one) => ({ ...one, secret: await sealed(one.secret) })),
          ),
        }),
  };
}
