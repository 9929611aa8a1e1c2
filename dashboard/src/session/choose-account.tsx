import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { answerOf, apiClient } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import type { Identity } from './identity.ts';

type OwnAccounts = components['schemas']['OwnAccounts'];
export type Account = OwnAccounts['accounts'][number];

const path = (id: string) => ({ params: { path: { id } } });

/**
 * Asks a user which account it is about, and to accept invitations; not where they belong to one and
 * nobody invites them.
 */
export function ChooseAccount({
  identity,
  onChosen,
  onSignOut,
}: {
  readonly identity: Identity;
  readonly onChosen: (account: Account) => void;
  readonly onSignOut: (reason?: string) => void;
}) {
  const [own, setOwn] = useState<OwnAccounts>();
  const [problem, setProblem] = useState<string>();
  const api = apiClient(identity.token);
  const read = async (): Promise<void> => {
    try {
      const found = await answerOf(api.GET('/v1/me'));
      const [only, ...others] = found.accounts;
      if (only !== undefined && others.length === 0 && found.invitations.length === 0) {
        onChosen(only);
      } else setOwn(found);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  useEffect(() => void read(), []);
  const decide = async (call: Promise<unknown>): Promise<void> => {
    try {
      await call;
      await read();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  if (own === undefined && problem === undefined) return undefined;
  return (
    <main className="sign-in">
      <Container header={<Header variant="h1">Your accounts</Header>}>
        <SpaceBetween size="m">
          {problem !== undefined && <Box color="text-status-error">{problem}</Box>}
          {own?.accounts.map((account) => (
            <Button key={account.id} fullWidth onClick={() => onChosen(account)}>
              {account.name} ({account.role})
            </Button>
          ))}
          {own?.invitations.map((invitation) => (
            <SpaceBetween key={invitation.id} size="xs">
              <Box>
                {invitation.inviter ?? 'An API key'} invites you to {invitation.account}, as{' '}
                {invitation.role}. If you do not know who this is, decline.
              </Box>
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  variant="primary"
                  ariaLabel={`Accept the invitation to ${invitation.account}`}
                  onClick={() =>
                    void decide(
                      answerOf(api.POST('/v1/me/invitations/{id}/accept', path(invitation.id))),
                    )
                  }
                >
                  Accept
                </Button>
                <Button
                  ariaLabel={`Decline the invitation to ${invitation.account}`}
                  onClick={() =>
                    void decide(
                      answerOf(api.DELETE('/v1/me/invitations/{id}', path(invitation.id))),
                    )
                  }
                >
                  Decline
                </Button>
              </SpaceBetween>
            </SpaceBetween>
          ))}
          {own?.accounts.length === 0 && own.invitations.length === 0 && (
            <Box>You belong to no account. Ask its owner to invite {own.email ?? 'you'}.</Box>
          )}
          <Button variant="link" onClick={() => onSignOut()}>
            Sign out
          </Button>
        </SpaceBetween>
      </Container>
    </main>
  );
}
