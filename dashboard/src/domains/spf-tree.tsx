import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import TreeView from '@cloudscape-design/components/tree-view';
import { useState } from 'react';
import type { SpfTree as Tree } from '../api/client.ts';

/** RFC 7208 §4.6.4. */
const LOOKUPS = 10;

type Node = Tree['root'];

interface Item {
  /** The way from the root to it: the same term may come several times. */
  readonly id: string;
  readonly text: string;
  readonly lookups: number;
  readonly node: Node | undefined;
}

/** Shows an SPF record with all that it includes, and each part's share of the 10 lookups. */
export function SpfTree({ tree }: { readonly tree: Tree }) {
  const roots = itemsOf(tree.root, '');
  const [expanded, setExpanded] = useState<readonly string[]>(() => allIds(roots));
  return (
    <ExpandableSection headerText={`${tree.lookups} of ${LOOKUPS} DNS lookups`} variant="footer">
      <TreeView
        ariaLabel="The DNS lookups of the SPF record"
        items={roots}
        getItemId={({ id }) => id}
        getItemChildren={({ node, id }) => node && itemsOf(node, id)}
        expandedItems={expanded}
        onItemToggle={({ detail: { id, expanded: open } }) =>
          setExpanded((known) => (open ? [...known, id] : known.filter((each) => each !== id)))
        }
        renderItem={({ text, lookups, node }) => ({
          content: <span className="dns-text">{text}</span>,
          secondaryContent: (
            <Box variant="small">
              {[lookups > 0 ? `${lookups}` : undefined, problemOf(node)]
                .filter(Boolean)
                .join(' · ')}
            </Box>
          ),
        })}
      />
    </ExpandableSection>
  );
}

const itemsOf = ({ terms }: Node, parent: string): Item[] =>
  terms.map(({ text, lookups, node }, index) => ({
    id: `${parent}/${index}`,
    text,
    lookups,
    node,
  }));

const allIds = (items: readonly Item[]): string[] =>
  items.flatMap(({ id, node }) => (node === undefined ? [] : [id, ...allIds(itemsOf(node, id))]));

const problems: Record<NonNullable<Node['problem']>, string> = {
  'no-record': 'has no SPF record',
  'several-records': 'has several SPF records',
  invalid: 'is no valid SPF record',
  loop: 'includes itself',
  'no-answer': 'DNS did not answer',
  'not-followed': 'not followed further',
};

const problemOf = (node: Node | undefined): string | undefined =>
  node?.problem === undefined ? undefined : problems[node.problem];
