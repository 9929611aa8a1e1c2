import * as z from 'zod';

/** How people sign in to the dashboard. */
export const users = z
  .strictObject({
    /** `required`: everybody signs in with a one-time password too. `optional`: who wants to. */
    mfa: z
      .enum(['required', 'optional'], { error: 'give required or optional' })
      .default('required'),
    /**
     * The address that invitations come from, of a domain that SES has verified in this account and
     * region; without it Cognito's own, which sends about 50 mails a day.
     */
    from: z.email('give an email address').toLowerCase().optional(),
    /**
     * Sign-in by your own identity provider (OpenID Connect), beside the passwords of the pool. It
     * must give the claims `email` and `email_verified`.
     */
    oidc: z
      .strictObject({
        /** The button of the sign-in says it. */
        name: z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]{2,31}$/, 'give 3 to 32 letters, digits and hyphens'),
        /** `https://login.example.com`; the provider's `.well-known/openid-configuration` is below it. */
        issuer: z.url({ protocol: /^https$/, error: 'give an https URL' }),
        clientId: z.string().min(1, 'give the id of the client').max(255),
        /** The name of a secret of Secrets Manager, whose whole value is the secret of the client. */
        clientSecretName: z.string().min(1, 'give the name of a secret').max(255),
      })
      .optional(),
  })
  .prefault({});
