import type { ReactElement } from 'react';
import { visibleText } from '@/components/log/parse-log';

/** Text that one may paste, whole, in a box of its own. Wraps instead of hiding its end. */
export function Command({ text }: { readonly text: string }): ReactElement {
  return (
    <pre className="command">
      <code>{text.split('\n').map(visibleText).join('\n')}</code>
    </pre>
  );
}
