import { parseSpf, type Mechanism } from '../../../spf/record.ts';
import type { SpfTree } from '../../../spf/tree.ts';
import type { Setting } from '../../setting.ts';
import { warning, type Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';
import { unregisteredAbove } from '../../unregistered.ts';

/**
 * The warning about a record that is right for our mail, and lets others send too.
 *
 * @param text a record that keeps to the grammar
 */
export function dangerIn(
  name: string,
  text: string,
  tree: SpfTree | undefined,
  setting: Pick<Setting, 'unregistered'>,
): Verdict<SpfCode> | undefined {
  const { mechanisms } = parseSpf(text);
  const all = mechanisms.findIndex(({ kind }) => kind === 'all');
  const reached = all < 0 ? mechanisms : mechanisms.slice(0, all + 1);
  const open = reached.find(letsAnybodySend);
  if (open !== undefined) {
    const instead =
      open.kind === 'all'
        ? 'Put "~all" in its place once every server that you send from is listed before it'
        : 'Put the networks of your own servers in its place';
    return warning(
      'spf-open',
      [text],
      `With "${open.text}" in the SPF record at ${name} anybody may send mail as ${name}. ${instead}.`,
    );
  }
  const ptr = reached.find(({ kind }) => kind === 'ptr');
  if (ptr !== undefined) {
    return warning(
      'spf-ptr',
      [text],
      `"${ptr.text}" in the SPF record at ${name} must not be used any more (RFC 7208 §5.5): some receivers ignore it, and it is slow. Put the addresses of those servers in its place, as "ip4:" and "ip6:".`,
    );
  }
  const gone = tree?.root.terms.find(
    ({ voidLookups, text: term }) => voidLookups > 0 && unregisteredAbove(hostIn(term), setting),
  );
  if (gone === undefined) return undefined;
  return warning(
    'spf-unregistered',
    [text],
    `"${gone.text}" in the SPF record at ${name} names a domain that is not registered: whoever registers it may send mail as ${name}. Remove it.`,
  );
}

/** The name in a term of the tree: `a:mail.example.net/24`. */
const hostIn = (term: string): string => term.replace(/^[^:=]*[:=]?/, '').replace(/\/.*$/, '');

function letsAnybodySend(mechanism: Mechanism): boolean {
  if (mechanism.qualifier !== 'pass') return false;
  switch (mechanism.kind) {
    case 'all':
      return true;
    case 'ip4':
    case 'ip6':
      return mechanism.prefix === 0;
    case 'a':
    case 'mx':
      return mechanism.prefix4 === 0 || mechanism.prefix6 === 0;
    case 'include':
    case 'exists':
    case 'ptr':
      return false;
  }
}
