import Box from '@cloudscape-design/components/box';

/** A record's text as it is. */
export function Code({ children }: { readonly children: string }) {
  return (
    <span className="dns-text">
      <Box variant="code">{children}</Box>
    </span>
  );
}
