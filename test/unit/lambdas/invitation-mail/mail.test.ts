import { describe, expect, test } from 'vitest';
import { handler } from '../../../../lambdas/invitation-mail/handler.ts';
import type { CustomMessageEvent } from '../../../../lambdas/invitation-mail/mail.ts';

const given = (
  userAttributes: Record<string, string>,
  triggerSource = 'CustomMessage_AdminCreateUser',
): CustomMessageEvent => ({
  triggerSource,
  request: { userAttributes, codeParameter: '{####}', usernameParameter: '{username}' },
  response: { emailSubject: null, emailMessage: null, smsMessage: null },
});

describe('the mail of an invitation', () => {
  test('names who invites and the account, with what Cognito fills in', async () => {
    const { response } = await handler(
      given({ 'custom:inviter': 'ann@shop.example', 'custom:account': 'The shop' }),
    );
    expect(response.emailSubject).toBe('You are invited to Sender domains by The shop');
    expect(response.emailMessage).toMatch(
      /^ann@shop\.example invites you to the dashboard of The shop, .*Your user name: \{username\}<br>.*: \{####\}$/,
    );
  });

  test('names nobody where nobody is known', async () => {
    const { response } = await handler(given({ email: 'bob@shop.example' }));
    expect(response.emailSubject).toBe('You are invited to Sender domains');
    expect(response.emailMessage).toMatch(/^You are invited to the dashboard, .*\{####\}$/);
  });

  test('has names as text, neither as HTML nor as what Cognito fills in', async () => {
    const { response } = await handler(
      given({
        'custom:inviter': '<a href="https://x.example">{####}',
        'custom:account': 'A & B\r\nX',
      }),
    );
    expect(response.emailMessage).not.toMatch(/<a |\{####\}.*\{####\}/);
    expect(response.emailMessage).toContain('A &#38; B');
    expect(response.emailSubject).toBe('You are invited to Sender domains by A & B X');
  });

  test('is Cognito’s own for a forgotten password', async () => {
    const event = given({ 'custom:account': 'The shop' }, 'CustomMessage_ForgotPassword');
    expect(await handler(event)).toEqual(event);
  });
});
