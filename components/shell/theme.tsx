'use client';

import { type ReactElement, useSyncExternalStore } from 'react';
import { Icon } from '@/components/ui/icon';
import { Popover } from '@/components/ui/popover';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const TITLES: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' };
/** The same key as in the script that sets the theme before the first paint. */
const STORED = 'unloop-theme';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, theme);
  } catch (error) {
    // A browser that forbids storage still switches, until the next page load.
    if (!(error instanceof DOMException)) throw error;
  }
  for (const listener of listeners) listener();
}

/** Chooses light, dark or the system's theme, and remembers it in this browser. */
export function ThemeSwitch(): ReactElement {
  const theme = useSyncExternalStore(subscribe, currentTheme, () => 'system' as const);
  return (
    <Popover className="quiet square" align="right" label={`Theme: ${TITLES[theme]}`} button={<Icon name="theme" />}>
      {() => (
        <fieldset className="choices">
          <legend className="hidden-text">Theme</legend>
          {THEMES.map((one) => (
            <label key={one}>
              <input type="radio" name="theme" checked={theme === one} onChange={() => setTheme(one)} />
              {TITLES[one]}
            </label>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}
