import '@cloudscape-design/global-styles/index.css';
import './page.css';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import icon from './icon.svg';
import { leaveForSignIn, leaveForSignOut, returnFromSignIn } from './session/cognito.ts';
import { readConfig, type SignIn } from './session/config.ts';
import { wasSignedIn } from './session/reload.ts';
import { SignedIn } from './session/signed-in.tsx';
import type { Identity } from './session/identity.ts';

const root = document.querySelector('#root') as HTMLElement;

try {
  const [{ signIn }] = await Promise.all([readConfig(), indicators()]);
  const returned = await whoReturned(signIn);
  createRoot(root).render(
    <StrictMode>
      <I18nProvider locale="en" messages={[messages]}>
        <SignedIn signIn={signIn} returned={returned}>
          <App />
        </SignedIn>
      </I18nProvider>
    </StrictMode>,
  );
} catch (error) {
  root.textContent = `This page cannot start: ${(error as Error).message}`;
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
        choosesAccount: true,
        leave: () => leaveForSignOut(signIn),
      }
    );
  } catch (error) {
    return error as Error;
  }
}
