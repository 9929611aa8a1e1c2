import { Redirect, Route, Switch } from 'wouter';
import { Frame } from '../frame/frame.tsx';
import type { Section } from '../frame/navigation.tsx';
import { paths } from '../paths.ts';
import { ImportPage } from './import-page.tsx';
import { ImportsPage } from './imports-page.tsx';
import { LimitsPage } from './limits-page.tsx';
import { TenantsPage } from './tenants-page.tsx';

const sections: readonly Section[] = [
  {
    name: undefined,
    pages: [
      { text: 'Tenants', href: paths.operator },
      { text: 'Imports', href: paths.imports },
      { text: 'Limits', href: paths.platformLimits },
    ],
  },
];

/** The console of those who run a platform. */
export default function OperatorApp() {
  return (
    <Frame sections={sections} home={paths.operator} title="Operator’s console">
      <Switch>
        <Route path={paths.operator}>
          <TenantsPage />
        </Route>
        <Route path={paths.imports}>
          <ImportsPage />
        </Route>
        <Route path={`${paths.imports}/:id`}>{({ id }) => <ImportPage key={id} id={id} />}</Route>
        <Route path={paths.platformLimits}>
          <LimitsPage />
        </Route>
        <Route>
          <Redirect to={paths.operator} replace />
        </Route>
      </Switch>
    </Frame>
  );
}
