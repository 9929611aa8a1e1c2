import type { SpfLookup } from '#shared/core/spf/evaluate.ts';

type Type = Parameters<SpfLookup>[1];
/** The records of each name by type; `timeout` marks a name without an answer. */
export type Zone = Readonly<
  Record<string, Readonly<Partial<Record<Type, readonly string[]>>> | 'timeout'>
>;

/** DNS in memory, and every question that was asked of it, as `TYPE name`. */
export function dnsOf(zone: Zone): { lookup: SpfLookup; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async lookup(name, type) {
      asked.push(`${type} ${name}`);
      const entry = zone[name.toLowerCase()];
      if (entry === 'timeout') return { outcome: 'unknown', values: [] };
      if (entry === undefined) return { outcome: 'nxdomain', values: [] };
      return { outcome: 'ok', values: entry[type] ?? [] };
    },
  };
}
