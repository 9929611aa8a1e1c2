import './frame.css';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import icon from '../icon.svg';
import { paths } from '../paths.ts';
import { useSession } from '../session/context.ts';
import { NotifyContext } from '../ui/notify.ts';
import { themes, useTheme, type Theme } from '../ui/theme.ts';
import { Announcements } from './announce.tsx';
import { Navigation, tenantSections, type Section } from './navigation.tsx';
import { Notices, useNotices } from './notices.tsx';

const themeNames: Record<Theme, string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
};

/** The header, navigation and notices around a page. */
export function Frame({
  sections = tenantSections,
  home = paths.home,
  title = 'Sender domains',
  children,
}: {
  readonly sections?: readonly Section[];
  /** The page that the title leads to. */
  readonly home?: string;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const { items, notify, dismiss } = useNotices();
  const main = useRef<HTMLElement>(null);
  useFocusOnNavigation(main);
  return (
    <NotifyContext value={notify}>
      <a
        href="#content"
        className="frame-skip"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Bar home={home} title={title} open={open} onMenu={() => setOpen(!open)} />
      <div
        className="frame-body"
        onKeyDown={({ key }) => {
          if (key === 'Escape') setOpen(false);
        }}
      >
        <Navigation sections={sections} open={open} onFollow={() => setOpen(false)} />
        <main id="content" ref={main} tabIndex={-1} className="frame-main">
          <Notices items={items} onDismiss={dismiss} />
          {children}
        </main>
      </div>
      <Announcements />
    </NotifyContext>
  );
}

function Bar({
  home,
  title,
  open,
  onMenu,
}: {
  readonly home: string;
  readonly title: string;
  readonly open: boolean;
  readonly onMenu: () => void;
}) {
  const session = useSession();
  const [, navigate] = useLocation();
  const [theme, setTheme] = useTheme();
  return (
    <header className="frame-bar">
      <button
        type="button"
        className="frame-menu"
        aria-expanded={open}
        aria-controls="navigation"
        onClick={onMenu}
      >
        Menu
      </button>
      <a
        href={home}
        className="frame-home"
        aria-label={title}
        onClick={(event) => {
          event.preventDefault();
          navigate(home);
        }}
      >
        <img src={icon} alt="" />
        <span className="frame-name">{title}</span>
      </a>
      <span className="frame-who">{session.name}</span>
      <select
        className="frame-appearance"
        aria-label="Appearance"
        value={theme}
        onChange={({ target }) => setTheme(target.value as Theme)}
      >
        {themes.map((each) => (
          <option key={each} value={each}>
            {themeNames[each]}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => session.signOut()}>
        Sign out
      </button>
    </header>
  );
}

/** Moves the focus to a page that was gone to, unless one of its fields has it. */
function useFocusOnNavigation(main: { readonly current: HTMLElement | null }): void {
  const [location] = useLocation();
  const last = useRef(location);
  useEffect(() => {
    if (last.current === location) return;
    last.current = location;
    window.scrollTo(0, 0);
    const focused = document.activeElement;
    const isField = focused instanceof HTMLInputElement && main.current?.contains(focused);
    if (isField !== true) main.current?.focus({ preventScroll: true });
  }, [location, main]);
}
