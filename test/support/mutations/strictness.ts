/**
 * How strict receivers are by a DMARC record, written down once more by the RFCs: `p` and `sp` by RFC
 * 7489, then `p`, `sp` and `np` by RFC 9989. 0 is nothing, 2 is reject.
 */
export function strictness(text: string): number[] {
  const tags = new Map(
    text
      .split(';')
      .slice(1)
      .flatMap((part) => {
        const [, name, value = ''] = /^[ \t]*([a-z]+)[ \t]*=[ \t]*(.*?)[ \t]*$/i.exec(part) ?? [];
        return name === undefined ? [] : [[name.toLowerCase(), value.toLowerCase()] as const];
      })
      .toReversed(),
  );
  const levels = ['none', 'quarantine', 'reject'];
  const valid = (name: string) => !tags.has(name) || levels.includes(tags.get(name)!);
  if (!/^v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)/.test(text) || !['p', 'sp', 'np'].every(valid)) {
    return [0, 0, 0, 0, 0];
  }
  const level = (...names: string[]) =>
    levels.indexOf(names.map((name) => tags.get(name)).find((one) => one !== undefined) ?? 'none');
  const share = /^\d{1,2}$/.test(tags.get('pct') ?? '') ? Number(tags.get('pct')) / 100 : 1;
  const old = (one: number) => (tags.has('p') ? Math.max(0, one - 1 + share) * Math.sign(one) : 0);
  const now = (one: number) => Math.max(0, one - (tags.get('t') === 'y' ? 1 : 0));
  const [p, sp, np] = [level('p'), level('sp', 'p'), level('np', 'sp', 'p')] as const;
  return [old(p), old(sp), now(p), now(sp), now(np)];
}
