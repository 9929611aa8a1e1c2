import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { RecentMail } from '../api/client.ts';
import type { Overview } from '../api/queries/overview.ts';
import { number, share } from '../domains/figures.ts';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';

/** What became of the account's mail in the last 7 days. */
export function MailFigures({ overview: { mail, domains } }: { readonly overview: Overview }) {
  const follow = useFollow();
  const sending = domains.filter((domain) => domain.mail.outcomes > 0);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="By what receivers answered, of all domains together. Mail to the simulator of Amazon SES does not count."
        >
          Mail of the last 7 days
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Recipients', value: number.format(mail.outcomes) },
          {
            label: 'Bounced for good',
            value: <Rate of={mail} which="bounced" warning={BOUNCES} />,
          },
          {
            label: 'Reported as spam',
            value: <Rate of={mail} which="complained" warning={COMPLAINTS} />,
          },
          {
            label: 'Domains that sent',
            value: (
              <Link href={`${paths.domains}?sort=mail`} onFollow={follow}>
                {number.format(sending.length)}
              </Link>
            ),
          },
        ]}
      />
    </Container>
  );
}

/** From these shares on Amazon SES reviews an account. */
const BOUNCES = 0.05;
const COMPLAINTS = 0.001;

/** A number of recipients with its share of all, marked where that is too much. */
export function Rate({
  of,
  which,
  warning,
}: {
  readonly of: RecentMail;
  readonly which: 'bounced' | 'complained';
  /** The share from which on it is marked. */
  readonly warning: number;
}) {
  if (of.outcomes === 0) return '–';
  const rate = of[which] / of.outcomes;
  const text = `${number.format(of[which])} (${share(rate)})`;
  const shown = <span className="figure">{text}</span>;
  if (rate < warning) return shown;
  return (
    <StatusIndicator type={which === 'bounced' ? 'warning' : 'error'} wrapText={false}>
      {shown}
    </StatusIndicator>
  );
}
