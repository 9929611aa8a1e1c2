import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type FormEvent } from 'react';
import { answerOf, apiClient, ApiError, isSignedOut } from '../api/client.ts';
import { leaveForSignIn } from './cognito.ts';
import type { SignIn } from './config.ts';
import type { Identity } from './identity.ts';

interface Props {
  readonly signIn: SignIn;
  /** The reason for signing in again. */
  readonly notice: string | undefined;
  readonly onSignedIn: (who: Identity) => void;
}

export function SignInPage({ signIn, notice, onSignedIn }: Props) {
  return (
    <main className="sign-in">
      <SpaceBetween size="l">
        {notice !== undefined && <Alert type="info">{notice}</Alert>}
        {signIn.kind === 'api-key' ? (
          <ApiKeyForm onSignedIn={onSignedIn} />
        ) : (
          <Container header={<Header variant="h1">Sender domains</Header>}>
            <SpaceBetween size="m">
              <Box variant="p">Set up the domains that you send mail from.</Box>
              <Button variant="primary" onClick={() => void leaveForSignIn(signIn)}>
                Sign in
              </Button>
            </SpaceBetween>
          </Container>
        )}
      </SpaceBetween>
    </main>
  );
}

function ApiKeyForm({ onSignedIn }: Pick<Props, 'onSignedIn'>) {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    const given = key.trim();
    setBusy(true);
    try {
      const found = await problemWith(given);
      setProblem(found);
      if (found === undefined) {
        onSignedIn({ name: `${given.slice(0, 9)}…`, token: () => Promise.resolve(given) });
      }
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Form
        actions={
          <Button variant="primary" formAction="submit" loading={busy}>
            Sign in
          </Button>
        }
      >
        <Container header={<Header variant="h1">Sign in to Sender domains</Header>}>
          <FormField
            label="API key"
            description="It stays in the memory of this page and is asked for again after a reload."
            errorText={problem}
          >
            <Input
              value={key}
              onChange={({ detail }) => setKey(detail.value)}
              type="password"
              placeholder="sd_..."
              autoFocus
              autoComplete={false}
              spellcheck={false}
            />
          </FormField>
        </Container>
      </Form>
    </form>
  );
}

/** Returns why the key cannot be used, undefined where it can. */
async function problemWith(key: string): Promise<string | undefined> {
  if (!/^[\x21-\x7e]+$/.test(key)) return 'Enter an API key; it begins with sd_.';
  const api = apiClient(() => Promise.resolve(key));
  try {
    await answerOf(api.GET('/v1/domains', { params: { query: { limit: 1 } } }));
    return undefined;
  } catch (error) {
    if (isSignedOut(error)) {
      return 'This API key is unknown or was revoked. Ask your operator for another one.';
    }
    // It may lack this scope, and have others.
    if (error instanceof ApiError && error.code === 'forbidden') return undefined;
    return (error as Error).message;
  }
}
