/** A value of a metric in a period; undefined where it has none. */
export type MetricValue = number | undefined;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|[-+*/<>(),]))/y;

/**
 * Evaluates an expression of CloudWatch's metric math for one period: numbers, metrics, `+ - * /`,
 * comparisons, `AND`, `OR`, `IF(condition, then, else)` and `FILL(metric, number)`.
 *
 * @throws Error on anything else
 */
export function evaluateMath(
  expression: string,
  values: Readonly<Record<string, MetricValue>>,
): MetricValue {
  const tokens = tokensOf(expression);
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const take = (wanted?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new Error(`${expression}: ${wanted ?? 'a value'} is missing at ${token ?? 'the end'}`);
    }
    return token;
  };
  const binary = (operators: readonly string[], operand: () => MetricValue) => (): MetricValue => {
    let left = operand();
    for (let token = peek(); token !== undefined && operators.includes(token); token = peek()) {
      take();
      left = apply(token, left, operand());
    }
    return left;
  };
  const call = (name: string): MetricValue => {
    const given: MetricValue[] = [];
    take('(');
    do given.push(any());
    while (peek() === ',' && take() !== '');
    take(')');
    if (name === 'IF' && given.length === 3) return given[0] ? given[1] : given[2];
    if (name === 'FILL' && given.length === 2) return given[0] ?? given[1];
    throw new Error(`${expression}: ${name} of ${given.length} is not known here`);
  };
  const operand = (): MetricValue => {
    const token = take();
    if (token === '(') {
      const inside = any();
      take(')');
      return inside;
    }
    if (/^\d/.test(token)) return Number(token);
    if (peek() === '(') return call(token);
    if (token in values) return values[token];
    throw new Error(`${expression}: ${token} is no metric`);
  };
  const product = binary(['*', '/'], operand);
  const sum = binary(['+', '-'], product);
  const comparison = binary(['<', '>', '<=', '>=', '==', '!='], sum);
  const both = binary(['AND'], comparison);
  const any: () => MetricValue = binary(['OR'], both);
  const value = any();
  if (at < tokens.length) throw new Error(`${expression}: ${peek() ?? ''} is too much`);
  return value;
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const [whole] = TOKEN.exec(expression) ?? [];
    if (whole === undefined) throw new Error(`${expression}: cannot be read from ${from} on`);
    tokens.push(whole.trim());
  }
  return tokens;
}

const truth = (is: boolean): number => (is ? 1 : 0);

function apply(operator: string, left: MetricValue, right: MetricValue): MetricValue {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '<':
      return truth(left < right);
    case '>':
      return truth(left > right);
    case '<=':
      return truth(left <= right);
    case '>=':
      return truth(left >= right);
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
    case 'AND':
      return truth(left !== 0 && right !== 0);
    default:
      return truth(left !== 0 || right !== 0);
  }
}
