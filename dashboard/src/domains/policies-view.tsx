import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Domain } from '../api/client.ts';

/** The SPF record and the DMARC policy that are hosted for a domain. */
export function PoliciesView({ domain: { spf, dmarc } }: { readonly domain: Domain }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">DMARC</Header>}>
        {dmarc === null ? (
          <Box>
            DNS has not told yet which policy is in effect for the domain today. The first check
            that can tell sets the same one here.
          </Box>
        ) : (
          <KeyValuePairs
            columns={2}
            items={[
              { label: 'Policy', value: policies[dmarc.p] },
              { label: 'Policy of subdomains', value: policies[dmarc.sp ?? dmarc.p] },
              { label: 'Your own report addresses', value: dmarc.rua?.join(', ') || '–' },
              { label: 'Record', value: <Code>{dmarc.record}</Code> },
            ]}
          />
        )}
      </Container>
      <Container header={<Header variant="h2">SPF</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'What you added', value: spf.mechanisms.join(' ') || '–' },
            { label: 'Record', value: <Code>{spf.record}</Code> },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}

const policies: Record<NonNullable<Domain['dmarc']>['p'], string> = {
  none: 'None: mail that fails is delivered and reported',
  quarantine: 'Quarantine: mail that fails goes to spam',
  reject: 'Reject: mail that fails is not taken',
};

function Code({ children }: { readonly children: string }) {
  return (
    <span className="dns-text">
      <Box variant="code">{children}</Box>
    </span>
  );
}
