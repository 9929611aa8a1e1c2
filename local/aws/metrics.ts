/** The name of a metric: two that differ in a dimension are two metrics. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  /** By name; all of them are part of the metric's name. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount';

interface Bucket {
  sum: number;
  count: number;
  minimum: number;
  maximum: number;
}

const MINUTE_MS = 60_000;
/** The longest that an alarm reads back. */
const KEPT_MINUTES = 7 * 24 * 60;

const keyOf = ({ namespace, name, dimensions }: MetricName): string =>
  JSON.stringify([
    namespace,
    name,
    Object.entries(dimensions)
      .map((pair) => pair.join('='))
      .toSorted(),
  ]);

/** CloudWatch's metrics: values by the minute, for as long as alarms read them. */
export class Metrics {
  readonly #buckets = new Map<string, Map<number, Bucket>>();

  /** @param at epoch milliseconds */
  add(metric: MetricName, value: number, at: number): void {
    const key = keyOf(metric);
    const minutes = this.#buckets.get(key) ?? new Map<number, Bucket>();
    this.#buckets.set(key, minutes);
    const minute = Math.floor(at / MINUTE_MS);
    const bucket = minutes.get(minute);
    if (bucket === undefined) {
      minutes.set(minute, { sum: value, count: 1, minimum: value, maximum: value });
      for (const old of minutes.keys()) {
        if (old >= minute - KEPT_MINUTES) break;
        minutes.delete(old);
      }
      return;
    }
    bucket.sum += value;
    bucket.count += 1;
    bucket.minimum = Math.min(bucket.minimum, value);
    bucket.maximum = Math.max(bucket.maximum, value);
  }

  /** Adds what a line in the embedded metric format counts; any other line is none. */
  addEmbedded(line: Readonly<Record<string, unknown>>): void {
    const { Timestamp: at, CloudWatchMetrics: groups = [] } = (line['_aws'] ??
      {}) as EmbeddedMetrics;
    for (const { Namespace: namespace, Dimensions: sets, Metrics: metrics } of groups) {
      for (const names of sets) {
        const dimensions = Object.fromEntries(names.map((name) => [name, String(line[name])]));
        for (const { Name: name } of metrics) {
          this.add({ namespace, name, dimensions }, Number(line[name]), at);
        }
      }
    }
  }

  /**
   * @param from the beginning of the period, epoch milliseconds, included
   * @param to its end, excluded
   * @returns undefined where there is no value
   */
  read(metric: MetricName, statistic: Statistic, from: number, to: number): number | undefined {
    const minutes = this.#buckets.get(keyOf(metric));
    if (minutes === undefined) return undefined;
    let all: Bucket | undefined;
    for (let minute = Math.ceil(from / MINUTE_MS); minute * MINUTE_MS < to; minute++) {
      const bucket = minutes.get(minute);
      if (bucket === undefined) continue;
      all = {
        sum: (all?.sum ?? 0) + bucket.sum,
        count: (all?.count ?? 0) + bucket.count,
        minimum: Math.min(all?.minimum ?? Infinity, bucket.minimum),
        maximum: Math.max(all?.maximum ?? -Infinity, bucket.maximum),
      };
    }
    return all && valueOf(all, statistic);
  }
}

interface EmbeddedMetrics {
  readonly Timestamp: number;
  readonly CloudWatchMetrics?: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string }[];
  }[];
}

function valueOf({ sum, count, minimum, maximum }: Bucket, statistic: Statistic): number {
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return minimum;
    case 'Maximum':
      return maximum;
    case 'SampleCount':
      return count;
  }
}
