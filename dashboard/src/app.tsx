import ErrorBoundary from '@cloudscape-design/components/error-boundary';
import Spinner from '@cloudscape-design/components/spinner';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Frame } from './frame/frame.tsx';
import { HomePage } from './home/home-page.tsx';
import { paths } from './paths.ts';

const DomainsPage = lazy(() => import('./domains/domains-page.tsx'));
const AddDomainPage = lazy(() => import('./domains/add-domain-page.tsx'));
const WebhooksPage = lazy(() => import('./settings/webhooks-page.tsx'));
const NoticesPage = lazy(() => import('./settings/notices-page.tsx'));
const UsersPage = lazy(() => import('./settings/users-page.tsx'));
const ApiKeysPage = lazy(() => import('./settings/api-keys-page.tsx'));
const DomainPage = lazy(() => import('./domains/domain-page.tsx'));
const MailPage = lazy(() => import('./messages/mail-page.tsx'));
const SuppressionsPage = lazy(() => import('./messages/suppressions-page.tsx'));

/** Which page is at which address. */
export function App() {
  const [location] = useLocation();
  return (
    <Frame>
      <ErrorBoundary
        // An error on one page need not break the next.
        key={location}
        onError={({ error }) => console.error(error)}
        i18nStrings={{
          headerText: 'This page could not be shown',
          descriptionText:
            'It may have been renewed since you opened it. Reload it; what you typed is kept.',
          refreshActionText: 'Reload',
        }}
      >
        <Suspense fallback={<Spinner size="large" />}>
          <Switch>
            <Route path={paths.home}>
              <HomePage />
            </Route>
            <Route path={paths.domains}>
              <DomainsPage />
            </Route>
            <Route path={paths.mail}>
              <MailPage />
            </Route>
            <Route path={paths.suppressions}>
              <SuppressionsPage />
            </Route>
            <Route path={paths.webhooks}>
              <WebhooksPage />
            </Route>
            <Route path={paths.notices}>
              <NoticesPage />
            </Route>
            <Route path={paths.users}>
              <UsersPage />
            </Route>
            <Route path={paths.apiKeys}>
              <ApiKeysPage />
            </Route>
            <Route path={paths.addDomain}>
              <AddDomainPage />
            </Route>
            <Route path="/domains/:name/set-up">
              {({ name }) => <AddDomainPage key={name} name={name} step="records" />}
            </Route>
            <Route path="/domains/:name/test">
              {({ name }) => <AddDomainPage key={name} name={name} step="test" />}
            </Route>
            <Route path="/domains/:name">
              {({ name }) => <DomainPage key={name} name={name} />}
            </Route>
            <Route>
              <Redirect to={paths.home} replace />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Frame>
  );
}
