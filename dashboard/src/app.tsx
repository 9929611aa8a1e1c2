import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar';
import ErrorBoundary from '@cloudscape-design/components/error-boundary';
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import Spinner from '@cloudscape-design/components/spinner';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import icon from './icon.svg';
import { DomainsPage } from './domains/domains-page.tsx';
import { paths } from './paths.ts';
import { useSession } from './session/context.ts';
import { useFollow } from './ui/follow.ts';
import { useNarrow } from './ui/narrow.ts';
import { NotifyContext, type Notice } from './ui/notify.ts';
import { themes, useTheme, type Theme } from './ui/theme.ts';

const AddDomainPage = lazy(() => import('./domains/add-domain-page.tsx'));
const WebhooksPage = lazy(() => import('./settings/webhooks-page.tsx'));
const UsersPage = lazy(() => import('./settings/users-page.tsx'));
const ApiKeysPage = lazy(() => import('./settings/api-keys-page.tsx'));
const DomainPage = lazy(() => import('./domains/domain-page.tsx'));

const themeNames: Record<Theme, string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
};

/** Windows with room for the navigation beside the widest table. */
const ROOMY = '(min-width: 1500px)';

/** The frame around every page, and which page is at which address. */
export function App() {
  const [location] = useLocation();
  const follow = useFollow();
  const narrow = useNarrow();
  const [navigationOpen, setNavigationOpen] = useState(() => matchMedia(ROOMY).matches);
  const { items, notify } = useNotices();
  return (
    <NotifyContext value={notify}>
      <div id="top">
        <Top />
      </div>
      <AppLayoutToolbar
        headerSelector="#top"
        toolsHide
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        navigation={
          <SideNavigation
            activeHref={sectionOf(location)}
            onFollow={(event) => {
              follow(event);
              if (narrow) setNavigationOpen(false);
            }}
            items={[
              { type: 'link', text: 'Domains', href: paths.domains },
              { type: 'link', text: 'API keys', href: paths.apiKeys },
              { type: 'link', text: 'Webhooks', href: paths.webhooks },
              { type: 'link', text: 'Users', href: paths.users },
            ]}
          />
        }
        notifications={<Flashbar items={items} stackItems />}
        content={
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
                <Route path="/domains">
                  <DomainsPage />
                </Route>
                <Route path="/webhooks">
                  <WebhooksPage />
                </Route>
                <Route path="/users">
                  <UsersPage />
                </Route>
                <Route path="/api-keys">
                  <ApiKeysPage />
                </Route>
                <Route path="/add-domain">
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
                  <Redirect to={paths.domains} replace />
                </Route>
              </Switch>
            </Suspense>
          </ErrorBoundary>
        }
      />
    </NotifyContext>
  );
}

/** The entry of the navigation that a page belongs to. */
const sectionOf = (location: string): string =>
  [paths.apiKeys, paths.webhooks, paths.users].find((path) => location.startsWith(path)) ??
  paths.domains;

function Top() {
  const session = useSession();
  const [, navigate] = useLocation();
  const [theme, setTheme] = useTheme();
  return (
    <TopNavigation
      identity={{
        href: paths.domains,
        title: 'Sender domains',
        logo: { src: icon, alt: '' },
        onFollow: (event) => {
          event.preventDefault();
          navigate(paths.domains);
        },
      }}
      utilities={[
        {
          type: 'menu-dropdown',
          iconName: 'settings',
          ariaLabel: 'Appearance',
          title: 'Appearance',
          items: themes.map((each) => ({
            id: each,
            itemType: 'checkbox',
            checked: each === theme,
            text: themeNames[each],
          })),
          onItemClick: ({ detail }) => setTheme(detail.id as Theme),
        },
        {
          type: 'menu-dropdown',
          iconName: 'user-profile',
          text: session.name,
          items: [{ id: 'sign-out', text: 'Sign out' }],
          onItemClick: () => session.signOut(),
        },
      ]}
    />
  );
}

/** Notices above the page; each stays until it is dismissed or the same comes again. */
function useNotices() {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const count = useRef(0);
  const notify = useCallback((notice: Notice) => {
    count.current += 1;
    const id = String(count.current);
    const dismiss = (): void => setItems((shown) => shown.filter((item) => item.id !== id));
    setItems((shown) => [
      { id, ...notice, dismissible: true, dismissLabel: 'Dismiss', onDismiss: dismiss },
      ...shown.filter(({ content }) => content !== notice.content),
    ]);
  }, []);
  return useMemo(() => ({ items, notify }), [items, notify]);
}
