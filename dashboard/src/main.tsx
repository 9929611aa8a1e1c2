import '@cloudscape-design/global-styles/index.css';
import './page.css';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import icon from './icon.svg';
import { paths } from './paths.ts';
import { leaveForSignIn, leaveForSignOut, returnFromSignIn } from './session/cognito.ts';
import { readConfig, type SignIn } from './session/config.ts';
import { platformKey, tenantKey } from './session/key-kind.ts';
import { wasSignedIn } from './session/reload.ts';
import { SignedIn } from './session/signed-in.tsx';
import type { Identity } from './session/identity.ts';

/** Apart, so that a customer's first page does not load it. */
const OperatorApp = lazy(() => import('./operator/operator-app.tsx'));

const root = document.querySelector('#root') as HTMLElement;

try {
  const [{ signIn }] = await Promise.all([readConfig(), indicators()]);
  const returned = await whoReturned(signIn);
  const operator = isOperators();
  createRoot(root).render(
    <StrictMode>
      <I18nProvider locale="en" messages={[messages]}>
        <SignedIn signIn={signIn} keyKind={operator ? platformKey : tenantKey} returned={returned}>
          <Suspense>{operator ? <OperatorApp /> : <App />}</Suspense>
        </SignedIn>
      </I18nProvider>
    </StrictMode>,
  );
} catch (error) {
  root.textContent = `This page cannot start: ${(error as Error).message}`;
}

/** Returns true if the address is one of the operator's console. */
function isOperators(): boolean {
  const { pathname } = location;
  return pathname === paths.operator || pathname.startsWith(`${paths.operator}/`);
}

/**
 * Loads the fonts and the logo that set widths, so that nothing moves later; a failure does not
 * stop the page.
 */
async function indicators(): Promise<void> {
  const logo = new Image();
  logo.src = icon;
  const faces = ['400', '700'].map((weight) => document.fonts.load(`${weight} 16px "Open Sans"`));
  await Promise.allSettled([...faces, logo.decode()]);
}

async function whoReturned(signIn: SignIn): Promise<Identity | Error | undefined> {
  if (signIn.kind !== 'cognito') return undefined;
  try {
    const tokens = await returnFromSignIn(signIn);
    if (tokens === undefined && wasSignedIn()) {
      await leaveForSignIn(signIn);
      // The browser is leaving; nothing is shown meanwhile.
      return await new Promise<never>(() => {});
    }
    return (
      tokens && {
        name: tokens.email,
        token: tokens.token,
        // A user in the group of a platform is the platform: they name no account.
        ...(isOperators() ? {} : { choosesAccount: true as const }),
        leave: () => leaveForSignOut(signIn),
      }
    );
  } catch (error) {
    return error as Error;
  }
}
