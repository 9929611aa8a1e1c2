import * as z from 'zod';
import { components } from './route.ts';

const mechanism = z.string().min(1).max(450);
const wanted = z.union([
  mechanism,
  z.strictObject({
    mechanism,
    flatten: z
      .boolean()
      .optional()
      .describe(
        'For an include: publish the addresses behind it instead, kept up to date, which costs no DNS lookup',
      ),
  }),
]);
const wantedList = z.array(wanted).max(200);
const spfAll = z
  .enum(['~all', '-all', '?all'])
  .describe('What the record says of all other senders: soft-fail, fail, or nothing');

const spfChange = z
  .strictObject({
    mechanisms: wantedList.optional().describe('The whole list, in place of the one that is there'),
    add: wantedList.optional(),
    remove: z.array(mechanism).max(200).optional(),
    all: spfAll.optional(),
    confirm: z
      .array(mechanism)
      .max(50)
      .optional()
      .describe('Flattened includes whose new addresses were held, to be published after all'),
  })
  .refine(
    ({ mechanisms, add, remove }) => mechanisms === undefined || (!add && !remove),
    'give either mechanisms, or add and remove',
  );

const source = z.string().min(1).max(253);

/** The plan that raises the policy by what receivers report. */
const planChange = z.strictObject({
  startsAt: z.iso.datetime().optional().describe('No step is taken before; now where it is absent'),
  ceiling: z
    .enum(['none', 'quarantine', 'reject'])
    .optional()
    .describe('No step goes beyond; `quarantine` where it is absent'),
  consent: z
    .strictObject({ reject: z.boolean().optional(), none: z.boolean().optional() })
    .optional()
    .describe(
      'Whether you agree to `reject`, and to going back below `quarantine` where your own mail fails',
    ),
  confirmed: z
    .array(source)
    .max(50)
    .optional()
    .describe('Sources that are your own, by their id in the reports'),
  ignored: z.array(source).max(50).optional().describe('Sources that are not yours'),
});

const disposition = z.enum(['none', 'quarantine', 'reject']);
const alignment = z.enum(['r', 's']);
const uris = z.array(z.string().max(200)).max(5);

/** RFC 9989 §4.7; the tags that it removed (pct, rf, ri) are unknown here. */
const dmarcChange = z.strictObject({
  p: disposition.optional(),
  sp: disposition.nullish(),
  np: disposition.nullish(),
  adkim: alignment.nullish(),
  aspf: alignment.nullish(),
  fo: z.string().max(20).nullish(),
  t: z
    .enum(['y', 'n'])
    .nullish()
    .describe('`y` asks receivers to apply one policy less; many enforce in full all the same'),
  rua: uris.nullish().describe('Your own addresses for aggregate reports, beside the service’s'),
  ruf: uris.nullish(),
  plan: planChange.nullish().describe('Raises `p` and `sp` step by step; null ends it'),
});

const dkimChange = z.strictObject({
  disclosure: z
    .boolean()
    .describe(
      'Whether the private halves of keys that retire from now on are published, once nothing verifies with them: anybody could have made a mail signed with such a key. Those that wait when it turns false are destroyed.',
    ),
});

export const changeRequest = z
  .strictObject({
    hosting: z
      .enum(['service', 'self'])
      .optional()
      .describe(
        'To `self` at any time. To `service`, once the domain is verified, only when its three DKIM records point at us',
      ),
    spf: spfChange.optional(),
    dmarc: dmarcChange.optional(),
    dkim: dkimChange.optional(),
  })
  .refine((change) => Object.values(change).some(Boolean), 'give hosting, spf, dmarc or dkim')
  .describe('What is absent stays; a DMARC tag that is null goes back to its default.')
  .register(components, { id: 'ChangeRequest' });
