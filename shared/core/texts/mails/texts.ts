/** The texts of mails to who runs the DNS; `{...}` is filled in. */
export interface MailTexts {
  readonly subject: string;
  readonly reminderSubject: string;
  /** In place of a domain's name in a subject. */
  readonly domains: string;
  readonly hello: string;
  readonly helloNobody: string;
  readonly asks: string;
  readonly reminds: string;
  readonly last: string;
  readonly left: string;
  readonly more: string;
  readonly how: string;
  readonly button: string;
  readonly until: string;
  readonly why: string;
}
