import type { Label } from '#shared/core/model/names.ts';
import { pages } from '#shared/async/page.ts';
import type { BacklogItem } from '../../ports/rotation-backlog.ts';
import type { RotationProgress, RotationRun } from '../../ports/rotation-runs.ts';
import type { OperatorPorts } from './ports.ts';

/** The state of the rotation. */
export interface RotationStatus {
  readonly run: RotationRun | undefined;
  readonly progress: RotationProgress | undefined;
  /** The work left over, by kind and reason: how many domains, and some of them. */
  readonly backlog: readonly BacklogGroup[];
}

export interface BacklogGroup {
  readonly kind: BacklogItem['kind'];
  readonly reason: BacklogItem['reason'];
  readonly domains: number;
  /** Those that have waited longest. */
  readonly examples: readonly BacklogItem[];
}

const EXAMPLES = 10;

/** Reads the run of the latest period, and sums up the backlog. */
export async function rotationStatus(ports: OperatorPorts): Promise<RotationStatus> {
  const run = await ports.runs.latest();
  const groups = new Map<string, { domains: number; examples: BacklogItem[] }>();
  const read = ({ cursor }: { readonly cursor?: Label }) => ports.backlog.list(cursor);
  for await (const { items } of pages(read)) {
    for (const item of items) {
      const key = `${item.kind} ${item.reason}`;
      const group = groups.get(key) ?? { domains: 0, examples: [] };
      group.domains += 1;
      group.examples = [...group.examples, item]
        .toSorted((a, b) => a.since.localeCompare(b.since))
        .slice(0, EXAMPLES);
      groups.set(key, group);
    }
  }
  return {
    run,
    progress: run && (await ports.runs.progress(run.period)),
    backlog: [...groups.values()]
      .map(({ domains, examples }) => {
        const { kind, reason } = examples[0] as BacklogItem;
        return { kind, reason, domains, examples };
      })
      .toSorted((a, b) => b.domains - a.domains),
  };
}
