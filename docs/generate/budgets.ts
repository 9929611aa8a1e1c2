import { budgetDefinitions, type BudgetDefinition } from '#shared/core/model/budgets.ts';
import { code, type Table } from './markdown.ts';

/** What a tenant may use, where its operator set nothing else. */
export const budgets: Table = {
  columns: ['budget', 'of', 'limit', 'in'],
  rows: Object.entries<BudgetDefinition>(budgetDefinitions).map(([name, definition]) => [
    code(name),
    definition.unit,
    definition.limit.toLocaleString('en'),
    timeOf(definition),
  ]),
};

function timeOf(definition: BudgetDefinition): string {
  switch (definition.kind) {
    case 'window':
      return `${definition.seconds.toLocaleString('en')} s`;
    case 'leases':
      return `at a time, each for at most ${definition.seconds} s`;
    case 'count':
    case 'interval':
      return 'at a time';
  }
}
