import type { ReactElement } from 'react';

// Runs before the first paint, so that a dark page never flashes white. Free of quotes, `<` and `&`: it is escaped as text.
const SCRIPT =
  'try{const t=localStorage.getItem(`unloop-theme`);if([`light`,`dark`].includes(t))document.documentElement.dataset.theme=t}catch{}';

/** Sets the remembered theme. The browser hides the nonce from the page, hence the suppressed warning. */
export function ThemeScript({ nonce }: { nonce: string | undefined }): ReactElement {
  return (
    <script nonce={nonce} suppressHydrationWarning>
      {SCRIPT}
    </script>
  );
}
