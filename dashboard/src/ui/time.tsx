const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/**
 * A moment in the reader's time zone, with UTC on hover.
 *
 * @param at ISO 8601
 */
export function Time({ at, date = false }: { readonly at: string; readonly date?: boolean }) {
  const moment = new Date(at);
  const utc = `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return (
    <time dateTime={at} title={utc}>
      {(date ? dateOnly : full).format(moment)}
    </time>
  );
}
