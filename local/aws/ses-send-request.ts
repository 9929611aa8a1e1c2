import { AwsError } from './http.ts';
import type { QueryInput } from './query-protocol.ts';
import { addressesIn, checkAddress } from './ses-address.ts';
import { fieldValues } from './ses-message.ts';
import type { RawMessage } from './ses-message.ts';

export const MAX_RECIPIENTS = 50;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** The parameters of a call that sends a raw message, by either API. */
export interface SendRequest {
  readonly source: string;
  readonly destinations: readonly string[];
  readonly configurationSet: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly raw: Buffer;
}

/**
 * Reads the parameters of SendRawEmail and checks all but the message.
 * @throws AwsError in SES's words
 */
export function readSend(input: QueryInput): SendRequest {
  input.only('Source', 'Destinations', 'RawMessage', 'ConfigurationSetName', 'Tags');
  const destinations = input.members('Destinations');
  if (destinations.length === 0) {
    throw invalid('The stand-in takes the recipients from Destinations only.');
  }
  if (destinations.length > MAX_RECIPIENTS) {
    throw invalid(`Recipient count exceeds ${MAX_RECIPIENTS}.`);
  }
  for (const address of destinations) checkAddress(addressesIn(address)[0] ?? address);
  return {
    source: input.required('Source'),
    destinations,
    configurationSet: input.optional('ConfigurationSetName'),
    tags: readTags(input.structures('Tags', 'Name', 'Value')),
    raw: Buffer.from(input.required('RawMessage.Data'), 'base64'),
  };
}

/**
 * Checks the tags of a message, each name once.
 *
 * @throws AwsError in SES's words
 */
export function readTags(
  pairs: readonly { readonly Name?: string; readonly Value?: string }[],
): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const { Name = '', Value = '' } of pairs) {
    if (!/^[\w-]{1,256}$/.test(Name)) throw invalid(`Invalid tag name <${Name}>.`);
    if (!/^[\w@.-]{1,256}$/.test(Value)) throw invalid(`Invalid tag value <${Value}>.`);
    if (tags[Name] !== undefined) throw invalid(`Duplicate tag name <${Name}>.`);
    tags[Name] = Value;
  }
  return tags;
}

/** The addresses that have to be verified: the envelope's and the header's senders. */
export function sendersOf(
  source: string,
  message: RawMessage,
): { address: string; domain: string }[] {
  const header = ['from', 'sender'].flatMap((name) => fieldValues(message, name));
  const addresses = [source, ...header].flatMap(addressesIn);
  if (addressesIn(fieldValues(message, 'from').join(',')).length === 0) {
    throw invalid("Missing required header 'From'.");
  }
  return addresses.map((address) => ({ address, domain: checkAddress(address).domain }));
}
