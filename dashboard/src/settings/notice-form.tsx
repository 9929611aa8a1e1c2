import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { NoticeRecipient } from '../api/client.ts';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import {
  noticeKindNames,
  noticeKinds,
  noticeLanguages,
  type NoticeKind,
  type NoticeLanguage,
} from './notice-kinds.ts';

/** Asks for somebody to mail: address, language, and each kind on or off. */
export function NoticeForm({
  recipient,
  taken,
  saving,
  error,
  onSave,
  onClose,
}: {
  /** The one to change; absent for a new one. */
  readonly recipient?: NoticeRecipient | undefined;
  /** Addresses of the others. */
  readonly taken: readonly string[];
  readonly saving: boolean;
  readonly error: Error | null;
  readonly onSave: (recipient: NoticeRecipient) => void;
  readonly onClose: () => void;
}) {
  const [email, setEmail] = useState(recipient?.email ?? '');
  const [language, setLanguage] = useState<NoticeLanguage>(recipient?.language ?? 'en');
  const [kinds, setKinds] = useState<readonly NoticeKind[]>(recipient?.kinds ?? noticeKindNames);
  const [tried, setTried] = useState(false);
  const problem = problemOf(email.trim(), taken);
  const save = (): void => {
    setTried(true);
    if (problem !== undefined) return;
    const inOrder = noticeKindNames.filter((kind) => kinds.includes(kind));
    onSave({ email: email.trim(), language, kinds: inOrder });
  };
  return (
    <Dialog
      header={recipient === undefined ? 'Add an address' : 'Change what is mailed'}
      confirm="Save"
      loading={saving}
      onConfirm={save}
      onClose={onClose}
    >
      <FormField label="E-mail address" errorText={(tried ? problem : undefined) ?? error?.message}>
        <Input
          value={email}
          onChange={({ detail }) => setEmail(detail.value)}
          type="email"
          inputMode="email"
          autoComplete={false}
          spellcheck={false}
          autoFocus
        />
      </FormField>
      <FormField label="Language of the mails">
        <Choice
          label="Language of the mails"
          options={noticeLanguages}
          chosen={language}
          onChoose={setLanguage}
        />
      </FormField>
      <fieldset className="plain-group">
        <legend>What is mailed</legend>
        <SpaceBetween size="xs">
          {noticeKindNames.map((kind) => {
            const [name, about] = noticeKinds[kind];
            return (
              <Checkbox
                key={kind}
                checked={kinds.includes(kind)}
                description={about}
                onChange={({ detail }) =>
                  setKinds((before) =>
                    detail.checked ? [...before, kind] : before.filter((one) => one !== kind),
                  )
                }
              >
                {name}
              </Checkbox>
            );
          })}
        </SpaceBetween>
      </fieldset>
    </Dialog>
  );
}

function problemOf(email: string, taken: readonly string[]): string | undefined {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return 'Enter an e-mail address.';
  return taken.includes(email.toLowerCase()) ? 'This address is in the list already.' : undefined;
}
