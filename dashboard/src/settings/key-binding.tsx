import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useDraft } from '../ui/draft.ts';

/** The limits of a key beside its scopes, as the API takes them. */
export interface KeyBinding {
  readonly domains?: string[];
  readonly addresses?: string[];
  readonly expiresAt?: string;
}

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** What is typed about the limits of a key; `clear` forgets it once the key is made. */
export function useKeyBinding() {
  const [domains, setDomains] = useDraft('new-api-key-domains', '');
  const [addresses, setAddresses] = useDraft('new-api-key-addresses', '');
  const [end, setEnd] = useDraft('new-api-key-end', '');
  const problem =
    end.trim() === '' || /^\d{4}-\d\d-\d\d$/.test(end.trim())
      ? undefined
      : 'Enter a day, such as 2027-06-30.';
  const binding: KeyBinding = {
    ...(listOf(domains).length === 0 ? {} : { domains: listOf(domains) }),
    ...(listOf(addresses).length === 0 ? {} : { addresses: listOf(addresses) }),
    ...(end.trim() === '' ? {} : { expiresAt: `${end.trim()}T00:00:00Z` }),
  };
  const clear = (): void => {
    setDomains('');
    setAddresses('');
    setEnd('');
  };
  return { binding, problem, clear, domains, setDomains, addresses, setAddresses, end, setEnd };
}

/** Fields for the limits of a key, which most keys have not. */
export function KeyBindingFields({
  of,
  tried,
}: {
  readonly of: ReturnType<typeof useKeyBinding>;
  readonly tried: boolean;
}) {
  return (
    <ExpandableSection headerText="Limits" variant="footer">
      <SpaceBetween size="m">
        <FormField
          label="Domains"
          description="The domains that it is for; all of yours without any."
        >
          <Input
            value={of.domains}
            onChange={({ detail }) => of.setDomains(detail.value)}
            placeholder="example.com, example.org"
            spellcheck={false}
          />
        </FormField>
        <FormField
          label="Addresses"
          description="Ranges of addresses that it is used from; any without one."
        >
          <Input
            value={of.addresses}
            onChange={({ detail }) => of.setAddresses(detail.value)}
            placeholder="192.0.2.0/24, 2001:db8::/32"
            spellcheck={false}
          />
        </FormField>
        <FormField
          label="End"
          description="The day that begins without it, UTC."
          errorText={tried ? of.problem : undefined}
        >
          <Input
            value={of.end}
            onChange={({ detail }) => of.setEnd(detail.value)}
            placeholder="2027-06-30"
          />
        </FormField>
      </SpaceBetween>
    </ExpandableSection>
  );
}
