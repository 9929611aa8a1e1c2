/** What Cognito calls its trigger for custom messages with, as far as it is read here. */
export interface CustomMessageEvent {
  /** `CustomMessage_AdminCreateUser`, for a first invitation and for each further one. */
  readonly triggerSource: string;
  readonly request: {
    readonly userAttributes: Readonly<Record<string, string | undefined>>;
    /** Cognito puts the first password in its place; the mail must have it. */
    readonly codeParameter: string | null;
    /** Cognito puts the user name in its place; the mail must have it. */
    readonly usernameParameter: string | null;
  };
  readonly response: {
    emailSubject?: string | null;
    emailMessage?: string | null;
    smsMessage?: string | null;
  };
}

/**
 * Adds the text of an invitation to Cognito's event; one of another mail stays as it is. Users that
 * the operator made, or that were invited before invitations had a name, get one without.
 */
export function withInvitation(event: CustomMessageEvent): CustomMessageEvent {
  const { triggerSource, request } = event;
  if (triggerSource !== 'CustomMessage_AdminCreateUser') return event;
  const { inviter, account } = invitationOf(request.userAttributes);
  const who = inviter === undefined ? 'You are invited' : `${escaped(inviter)} invites you`;
  const to = account === undefined ? '' : ` of ${escaped(account)}`;
  const text = [
    `${who} to the dashboard${to}, where your team sets up the domains that it sends mail from. If you do not know who this is, ignore this mail.`,
    `Your user name: ${request.usernameParameter ?? ''}<br>Your first password, for 3 days: ${request.codeParameter ?? ''}`,
  ];
  const subject =
    account === undefined
      ? 'You are invited to Sender domains'
      : `You are invited to Sender domains by ${account}`;
  return {
    ...event,
    response: {
      ...event.response,
      emailSubject: subject.replaceAll(/\s+/g, ' '),
      emailMessage: text.join('<br><br>'),
    },
  };
}

/** Who invited last, and to which account; users of earlier releases have other attributes. */
function invitationOf(of: CustomMessageEvent['request']['userAttributes']) {
  const isNew = of['custom:invited_to'] !== undefined;
  return isNew
    ? { inviter: of['custom:invited_by'], account: of['custom:invited_to'] }
    : { inviter: of['custom:inviter'], account: of['custom:account'] };
}

/** A text within HTML, where Cognito's own placeholders must not come from others. */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"'{}]/g, (character) => `&#${character.charCodeAt(0)};`);
