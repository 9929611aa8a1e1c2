/**
 * Returns a name that somebody chose, as a mail shows it: undefined where a mail program would make a
 * link of it, or it is none.
 */
export function shownName(name = ''): string | undefined {
  const text = name.trim();
  const isName = /^[\p{L}\p{M}\p{N}' ()&,.-]{1,60}$/u.test(text) && !/\S\.\S/.test(text);
  return isName ? text : undefined;
}
