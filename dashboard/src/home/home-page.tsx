import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useLocation } from 'wouter';
import { useOverview, type Overview } from '../api/queries/overview.ts';
import { useTitle } from '../frame/announce.tsx';
import { paths } from '../paths.ts';
import { useFollow } from '../ui/follow.ts';
import { Problem } from '../ui/problem.tsx';
import { MailFigures } from './mail-figures.tsx';
import { tasksOf } from './tasks.ts';
import { RotationAhead } from './rotation-ahead.tsx';
import { SetUp } from './set-up.tsx';

/** Shows what needs the reader, and how the account is. */
export function HomePage() {
  useTitle('Overview');
  const { data, error, refetch } = useOverview();
  const [, navigate] = useLocation();
  const add = (
    <Button variant="primary" onClick={() => navigate(paths.addDomain)}>
      Add a domain
    </Button>
  );
  return (
    <SpaceBetween size="l">
      <Header variant="h1" actions={data !== undefined && data.domains.length > 0 && add}>
        Overview
      </Header>
      {error !== null && (
        <Problem
          header="The overview cannot be shown"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data === undefined && error === null && <Spinner size="large" />}
      {data?.domains.length === 0 && (
        <Container header={<Header variant="h2">No domains yet</Header>}>
          <SpaceBetween size="m">
            <Box>
              Add the domain in the From address of your mail. You get a few DNS records to create,
              once; everything after that happens by itself.
            </Box>
            {add}
          </SpaceBetween>
        </Container>
      )}
      {data !== undefined && data.domains.length > 0 && <Account overview={data} />}
    </SpaceBetween>
  );
}

function Account({ overview }: { readonly overview: Overview }) {
  return (
    <SpaceBetween size="l">
      <Tasks overview={overview} />
      <SetUp overview={overview} />
      <MailFigures overview={overview} />
      <RotationAhead domains={overview.domains} />
    </SpaceBetween>
  );
}

function Tasks({ overview }: { readonly overview: Overview }) {
  const follow = useFollow();
  const tasks = tasksOf(overview);
  return (
    <Container header={<Header variant="h2">What needs you</Header>}>
      {tasks.length === 0 ? (
        <StatusIndicator type="success">
          Nothing: all domains are as they should be.
        </StatusIndicator>
      ) : (
        <ul className="plain-list">
          {tasks.map(({ id, severity, text, href }) => (
            <li key={id} data-testid={`task-${id}`}>
              <StatusIndicator type={severity} wrapText>
                <Link href={href} onFollow={follow}>
                  <span className="sentence">{text}</span>
                </Link>
              </StatusIndicator>
            </li>
          ))}
        </ul>
      )}
    </Container>
  );
}
