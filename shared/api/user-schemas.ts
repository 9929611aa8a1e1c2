import * as z from 'zod';
import { userStates } from '#shared/app/ports/user-directory.ts';

/** RFC 5321 §4.5.3.1.1; the whole has 256 with its angle brackets (§4.5.3.1.3). */
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

/** The body of `POST /v1/users`. */
export const inviteRequest = z.strictObject({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(LONGEST_ADDRESS)
    .pipe(z.email('is not an e-mail address'))
    .refine((email) => email.indexOf('@') <= LONGEST_LOCAL_PART, 'is not an e-mail address')
    .describe('Where the invitation goes, and what they sign in by'),
});

export const userDocument = z.object({
  id: z.string().describe('For `DELETE /v1/users/{id}`'),
  email: z.string().describe('In lower case'),
  state: z
    .enum(userStates)
    .describe(
      '`invited`: has not signed in yet. `active`: signs in. `disabled`: shut out by the operator.',
    ),
  since: z.iso.datetime().describe('When they were last invited or, once active, made'),
  self: z.boolean().describe('Whether it is you'),
});

export const userList = z.object({ users: z.array(userDocument).describe('By address') });

export type UserDocument = z.infer<typeof userDocument>;
