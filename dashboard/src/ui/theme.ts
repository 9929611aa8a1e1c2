import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useEffect, useState } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const STORAGE_KEY = 'theme';
const darkSystem = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark, by the reader's choice or the system's; the choice outlasts the page. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(storedTheme);
  useEffect(() => {
    const apply = (): void => {
      const dark = theme === 'system' ? darkSystem.matches : theme === 'dark';
      applyMode(dark ? Mode.Dark : Mode.Light);
    };
    apply();
    darkSystem.addEventListener('change', apply);
    return () => darkSystem.removeEventListener('change', apply);
  }, [theme]);
  return [
    theme,
    (chosen) => {
      localStorage.setItem(STORAGE_KEY, chosen);
      setTheme(chosen);
    },
  ];
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return themes.find((theme) => theme === stored) ?? 'system';
}
