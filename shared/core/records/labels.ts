import { isLabel, type DomainName, type Label } from '../model/names.ts';

/** The labels of the names of ours in a text: `<label>.<shard>.<zone>`. */
export function labelsIn(text: string, zone: DomainName): Label[] {
  return text
    .toLowerCase()
    .split(/[\s":=]+/)
    .filter((name) => name.replace(/\.$/, '').endsWith(`.${zone}`))
    .flatMap((name) => name.split('.').filter(isLabel));
}
