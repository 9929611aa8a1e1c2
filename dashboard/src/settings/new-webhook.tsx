import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import { useState } from 'react';
import type { WebhookEvent } from '../api/client.ts';
import { eventKinds } from '../api/event-kinds.ts';
import { useCreateWebhook } from '../api/queries/webhooks.ts';
import { useDraft } from '../ui/draft.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ShownOnce } from './shown-once.tsx';

/** Not the test, which goes to any webhook. */
const options = Object.entries(eventKinds)
  .filter(([type]) => type !== 'webhook.test')
  .map(([type, { title }]) => ({
    value: type as WebhookEvent,
    label: type,
    description: title,
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
        warning="By it you verify the signatures of what you receive. Copy it now: it is not shown again."
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
      <FormField label="Events it receives" errorText={tried ? eventsProblem : undefined}>
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
