import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useRef, useState, type FormEvent } from 'react';
import { idempotencyKey } from '../api/client.ts';
import { useSendMail } from '../api/queries/messages.ts';
import { useDraft } from '../ui/draft.ts';
import { compose, isAddress } from './compose.ts';
import { MessageStatus } from './message-status.tsx';

/** Sends a mail from a domain and shows what becomes of it. */
export function TestMail({ domain }: { readonly domain: string }) {
  const [local, setLocal] = useDraft(`mail-from:${domain}`, 'test');
  const [to, setTo] = useDraft(`mail-to:${domain}`, '');
  const [subject, setSubject] = useDraft(`mail-subject:${domain}`, `Test from ${domain}`);
  const [text, setText] = useDraft(
    `mail-text:${domain}`,
    'This mail was sent to see that its signature is right.',
  );
  const [tried, setTried] = useState(false);
  const [id, setId] = useState<string>();
  const send = useSendMail();
  const request = useRef({ raw: '', key: '' });

  const from = `${local}@${domain}`;
  const fromProblem = isAddress(from) ? undefined : 'Letters, digits, dots and hyphens only.';
  const toProblem = isAddress(to.trim()) ? undefined : 'Enter an address such as ann@example.net.';
  const submit = (): void => {
    setTried(true);
    if (fromProblem !== undefined || toProblem !== undefined) return;
    const raw = compose({ from, to: to.trim(), subject, text });
    // The same mail again after a failure is the same request; after a success it is a new one.
    if (request.current.raw !== raw || !send.isError) {
      request.current = { raw, key: idempotencyKey() };
    }
    send.mutate(request.current, { onSuccess: setId });
  };

  return (
    <SpaceBetween size="l">
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
      >
        <Form
          actions={
            <Button formAction="submit" loading={send.isPending}>
              Send
            </Button>
          }
          errorText={send.error?.message}
        >
          <Container header={<Header variant="h2">Test mail</Header>}>
            <SpaceBetween size="m">
              <FormField
                label="From"
                constraintText={`@${domain}`}
                errorText={tried ? fromProblem : undefined}
              >
                <Input value={local} onChange={({ detail }) => setLocal(detail.value)} />
              </FormField>
              <FormField
                label="To"
                description="success@simulator.amazonses.com takes mail and keeps nothing."
                errorText={tried ? toProblem : undefined}
              >
                <Input
                  value={to}
                  onChange={({ detail }) => setTo(detail.value)}
                  inputMode="email"
                  type="email"
                />
              </FormField>
              <FormField label="Subject">
                <Input value={subject} onChange={({ detail }) => setSubject(detail.value)} />
              </FormField>
              <FormField label="Text">
                <Textarea value={text} onChange={({ detail }) => setText(detail.value)} rows={3} />
              </FormField>
            </SpaceBetween>
          </Container>
        </Form>
      </form>
      {id !== undefined && <MessageStatus id={id} />}
    </SpaceBetween>
  );
}
