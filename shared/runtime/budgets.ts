/** The budgets that a deployment gives its tenants, for its configuration and its documents. */
export {
  budgetDefinitions,
  HIGHEST_LIMIT,
  type BudgetDefinition,
  type BudgetName,
} from '#shared/core/model/budgets.ts';
