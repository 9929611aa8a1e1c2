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
import { apiClient, ApiError, isSignedOut } from '../api/client.ts';
import { leaveForSignIn } from './cognito.ts';
import type { SignIn } from './config.ts';
import type { Identity } from './identity.ts';
import type { KeyKind } from './key-kind.ts';

interface Props {
  readonly signIn: SignIn;
  readonly keyKind: KeyKind;
  /** The reason for signing in again. */
  readonly notice: string | undefined;
  readonly onSignedIn: (who: Identity) => void;
}

export function SignInPage({ signIn, keyKind, notice, onSignedIn }: Props) {
  return (
    <main className="sign-in">
      <SpaceBetween size="l">
        {notice !== undefined && <Alert type="info">{notice}</Alert>}
        {signIn.kind === 'api-key' ? (
          <KeyForm kind={keyKind} onSignedIn={onSignedIn} />
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

function KeyForm({ kind, onSignedIn }: Pick<Props, 'onSignedIn'> & { readonly kind: KeyKind }) {
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    const given = key.trim();
    setBusy(true);
    try {
      const found = await problemWith(given, kind);
      setProblem(found);
      if (found === undefined) {
        onSignedIn({
          name: `${given.slice(0, kind.prefix.length + 6)}…`,
          token: () => Promise.resolve(given),
        });
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
        <Container header={<Header variant="h1">{kind.title}</Header>}>
          <FormField
            label={kind.label}
            description="It stays in the memory of this page and is asked for again after a reload."
            errorText={problem}
          >
            <Input
              value={key}
              onChange={({ detail }) => setKey(detail.value)}
              type="password"
              placeholder={`${kind.prefix}...`}
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
async function problemWith(key: string, kind: KeyKind): Promise<string | undefined> {
  if (!/^[\x21-\x7e]+$/.test(key)) return `Enter the ${kind.label}; it begins with ${kind.prefix}.`;
  const api = apiClient(() => Promise.resolve(key));
  try {
    await kind.read(api);
    return undefined;
  } catch (error) {
    if (isSignedOut(error)) return kind.unknown;
    // It may lack this scope, and have others.
    if (kind.hasScopes && error instanceof ApiError && error.code === 'forbidden') return undefined;
    return (error as Error).message;
  }
}
