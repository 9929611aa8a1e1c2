import { useMessageCounts } from '../api/queries/messages.ts';
import { number } from '../domains/figures.ts';

const channels = {
  api: 'as MIME by the API',
  json: 'as JSON by the API',
  upload: 'as uploads',
  smtp: 'by SMTP',
} as const;
type Channel = keyof typeof channels;

/** Shows how many mails came from a domain by each submission channel. */
export function ChannelCounts({ domain }: { readonly domain: string }) {
  const { data, error } = useMessageCounts(domain);
  if (error !== null) return <> They cannot be counted: {error.message}</>;
  const counts = (Object.keys(channels) as Channel[]).flatMap((channel) => {
    const count = data?.total[channel] ?? 0;
    return count === 0 ? [] : [`${number.format(count)} ${channels[channel]}`];
  });
  if (counts.length === 0) return null;
  return <> Accepted in the last 30 days: {counts.join(', ')}.</>;
}
