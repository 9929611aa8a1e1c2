import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { DomainInShort } from '../api/client.ts';
import { number } from '../domains/figures.ts';
import { Time } from '../ui/time.tsx';

/** When keys change next, and of how many domains. */
export function RotationAhead({ domains }: { readonly domains: readonly DomainInShort[] }) {
  const times = domains.flatMap(({ rotatesAt }) => rotatesAt ?? []).toSorted();
  const [first] = times;
  const ofDay = times.filter((at) => at.slice(0, 10) === first?.slice(0, 10)).length;
  return (
    <Container header={<Header variant="h2">Next key rotation</Header>}>
      {first === undefined ? (
        <Box color="text-body-secondary">None is ahead until a domain is verified.</Box>
      ) : (
        <Box>
          <Time at={first} date />: {number.format(ofDay)} {ofDay === 1 ? 'domain' : 'domains'}{' '}
          {ofDay === 1 ? 'moves' : 'move'} on to the next key. You need not do anything.
        </Box>
      )}
    </Container>
  );
}
