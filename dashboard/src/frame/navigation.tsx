import { useLocation } from 'wouter';
import { paths } from '../paths.ts';

const sections = [
  {
    name: undefined,
    pages: [
      { text: 'Overview', href: paths.home },
      { text: 'Domains', href: paths.domains },
      { text: 'Mail', href: paths.mail },
      { text: 'Suppression list', href: paths.suppressions },
    ],
  },
  {
    name: 'Settings',
    pages: [
      { text: 'API keys', href: paths.apiKeys },
      { text: 'Webhooks', href: paths.webhooks },
      { text: 'Notices', href: paths.notices },
      { text: 'Users', href: paths.users },
    ],
  },
] as const;

/** Links to the pages: a column, or below the header while its button has it open. */
export function Navigation({
  open,
  onFollow,
}: {
  readonly open: boolean;
  readonly onFollow: () => void;
}) {
  const [location, navigate] = useLocation();
  const here = sectionOf(location);
  return (
    <nav id="navigation" className="frame-nav" data-open={open} aria-label="Pages">
      {sections.map(({ name, pages }) => (
        <div key={name ?? ''}>
          {name !== undefined && <h2>{name}</h2>}
          <ul>
            {pages.map(({ text, href }) => (
              <li key={href}>
                <a
                  href={href}
                  aria-current={href === here ? 'page' : undefined}
                  onClick={(event) => {
                    onFollow();
                    if (isOther(event)) return;
                    event.preventDefault();
                    navigate(href);
                  }}
                >
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** Returns true if the reader asks the browser for something else than this tab. */
const isOther = (event: {
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}): boolean => event.ctrlKey || event.metaKey || event.shiftKey;

/** The entry that a page belongs to. */
const sectionOf = (location: string): string =>
  [paths.mail, paths.suppressions, paths.apiKeys, paths.webhooks, paths.notices, paths.users].find(
    (path) => location.startsWith(path),
  ) ?? (location === paths.home ? paths.home : paths.domains);
