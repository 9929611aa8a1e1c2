import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMessages } from '../api/lists.ts';
import type { Overview } from '../api/queries/overview.ts';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';

/** What is left to do of a first set-up; nothing once receivers answered mail. */
export function SetUp({ overview }: { readonly overview: Overview }) {
  const { domains, mail } = overview;
  const isNew = domains.length > 0 && mail.outcomes === 0;
  return isNew ? <Steps overview={overview} /> : null;
}

function Steps({ overview: { domains } }: { readonly overview: Overview }) {
  const follow = useFollow();
  // Mail to the simulator of Amazon SES is in no figure; it is a test mail all the same.
  const log = useMessages({});
  const verified = domains.find(({ status }) => status === 'verified');
  const [first] = domains;
  const hasSent = log.data?.pages.some(({ messages }) => messages.length > 0) ?? false;
  if (first === undefined || (log.isPending && log.error === null)) return null;
  const steps = [
    { text: 'Add a domain', done: true, href: paths.addDomain },
    {
      text: 'Create its DNS records',
      done: verified !== undefined,
      href: paths.setUp((verified ?? first).name),
    },
    { text: 'Send a test mail', done: hasSent, href: paths.test((verified ?? first).name) },
    { text: 'Make an API key for your programs', done: false, href: paths.apiKeys },
  ];
  return (
    <Container header={<Header variant="h2">Set-up</Header>}>
      <ol className="plain-list">
        {steps.map(({ text, done, href }) => (
          <li key={text}>
            <StatusIndicator type={done ? 'success' : 'pending'}>
              <Link href={href} onFollow={follow}>
                {text}
              </Link>
            </StatusIndicator>
          </li>
        ))}
      </ol>
    </Container>
  );
}
