/** A policy says something that is not imitated here; what it would mean is not guessed. */
export class UnsupportedPolicyError extends Error {
  override readonly name = 'UnsupportedPolicyError';
}

/**
 * One string or a list of them.
 * @throws UnsupportedPolicyError for anything else, such as an intrinsic that was not resolved
 */
export function strings(value: unknown, what: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== 'string') {
      throw new UnsupportedPolicyError(`${what} is not a string: ${JSON.stringify(item)}`);
    }
    // ${*}, ${?} and ${$} would be literals; the templates have no use for them either.
    if (item.includes('${')) throw new UnsupportedPolicyError(`${what} has a variable: ${item}`);
    return item;
  });
}

const compiled = new Map<string, RegExp>();

/**
 * Returns true if the text matches a pattern in which `*` is any run of characters and `?` any one.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const source = pattern
      .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, 's');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** The six parts of an ARN; the last one may have colons of its own. */
function arnParts(arn: string): string[] {
  const all = arn.split(':');
  return [...all.slice(0, 5), all.slice(5).join(':')];
}

/**
 * Returns true if an ARN matches a pattern part by part, so that a `*` stays within its part but
 * for the last.
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const candidate = arnParts(arn);
  return arnParts(pattern).every((part, index) => matchesPattern(part, candidate[index] ?? ''));
}
