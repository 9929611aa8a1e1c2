import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import { useState } from 'react';
import type { WebhookEvent } from '../api/client.ts';
import { useCreateWebhook } from '../api/queries.ts';
import { useDraft } from '../ui/draft.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ShownOnce } from './shown-once.tsx';

const events: Record<WebhookEvent, string> = {
  'domain.claimed': 'A domain was added',
  'domain.published': 'The records behind a domain’s are there',
  'domain.verified': 'A domain was verified',
  'domain.at_risk': 'A record of a domain broke',
  'domain.lost': 'A domain was lost',
  'domain.deleted': 'A domain was deleted',
  'domain.restored': 'The deletion of a domain was undone',
  'domain.rotated': 'A domain moved on to its next key',
  'key.revoked': 'A key was revoked as compromised',
  'rotation.prepared': 'A key is prepared, and a record of yours is to be changed',
  'rotation.held_back': 'A rotation was held back',
  'policy.changed': 'A DMARC policy changed',
  'policy.held': 'A DMARC plan takes no step',
  'message.sent': 'Amazon SES has a mail',
  'message.delivered': 'A mail was delivered',
  'message.delayed': 'A receiver put a mail off',
  'message.soft_bounced': 'A mail bounced for a passing reason',
  'message.bounced': 'A mail bounced',
  'message.complained': 'A reader complained about a mail',
  'message.rejected': 'Amazon SES found malware in a mail',
  'message.refused': 'A mail was not sent, and will not be',
  'message.unclear': 'Nobody knows yet whether a mail went out',
};
const options = (Object.keys(events) as WebhookEvent[]).map((value) => ({
  value,
  label: value,
  description: events[value],
}));

/** Makes a webhook and shows its secret, once. */
export function NewWebhook({ onClose }: { readonly onClose: () => void }) {
  const [url, setUrl] = useDraft('new-webhook', 'https://');
  const [chosen, setChosen] = useState<readonly WebhookEvent[]>([]);
  const [tried, setTried] = useState(false);
  const create = useCreateWebhook();
  const urlProblem = /^https:\/\/[^/\s]+/.test(url.trim())
    ? undefined
    : 'Enter an address that begins with https://.';
  const eventsProblem = chosen.length === 0 ? 'Choose at least one.' : undefined;
  const submit = (): void => {
    setTried(true);
    if (urlProblem !== undefined || eventsProblem !== undefined) return;
    create.mutate(
      { url: url.trim(), events: [...chosen] },
      { onSuccess: () => setUrl('https://') },
    );
  };
  if (create.data !== undefined)
    return (
      <ShownOnce
        header="The secret of the webhook"
        warning="By it you verify the signatures of what you are told. Copy it now: it is not shown again."
        copyLabel="Copy the secret"
        secret={create.data.secret}
        onClose={onClose}
      />
    );
  return (
    <Dialog
      header="Add a webhook"
      confirm="Add it"
      loading={create.isPending}
      onConfirm={submit}
      onClose={onClose}
    >
      <FormField
        label="Address"
        errorText={(tried ? urlProblem : undefined) ?? create.error?.message}
      >
        <Input
          value={url}
          onChange={({ detail }) => setUrl(detail.value)}
          inputMode="url"
          autoComplete={false}
          spellcheck={false}
          autoFocus
        />
      </FormField>
      <FormField label="What it is told" errorText={tried ? eventsProblem : undefined}>
        <Multiselect
          options={options}
          selectedOptions={options.filter(({ value }) => chosen.includes(value))}
          onChange={({ detail }) =>
            setChosen(detail.selectedOptions.map(({ value }) => value as WebhookEvent))
          }
          placeholder="Choose events"
          deselectAriaLabel={({ label }) => `Leave out ${label}`}
          expandToViewport
        />
      </FormField>
    </Dialog>
  );
}
