import { useLocation } from 'wouter';
import { paths } from '../paths.ts';

export interface Section {
  readonly name: string | undefined;
  readonly pages: readonly {
    readonly text: string;
    readonly href: string;
    /** Another address that belongs to it. */
    readonly holds?: string;
  }[];
}

/** The pages of a tenant. */
export const tenantSections: readonly Section[] = [
  {
    name: undefined,
    pages: [
      { text: 'Overview', href: paths.home },
      { text: 'Domains', href: paths.domains, holds: paths.addDomain },
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
];

/** Links to the pages: a column, or below the header while its button has it open. */
export function Navigation({
  sections,
  open,
  onFollow,
}: {
  readonly sections: readonly Section[];
  readonly open: boolean;
  readonly onFollow: () => void;
}) {
  const [location, navigate] = useLocation();
  const here = entryOf(location, sections);
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

/** Returns the address of the entry that a page belongs to: of several the narrowest. */
const entryOf = (location: string, sections: readonly Section[]): string | undefined =>
  sections
    .flatMap(({ pages }) => pages)
    .filter(
      ({ href, holds }) => [href, holds].includes(location) || location.startsWith(`${href}/`),
    )
    .toSorted((a, b) => b.href.length - a.href.length)[0]?.href;
