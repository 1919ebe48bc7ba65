import { type RefObject, useEffect } from 'react';

/** Lets a press anywhere on a row open its link or its group, unless it selects text, holds a key, or hits a control of its own. */
export function useRowPress(body: RefObject<HTMLElement | null>, isPresent: boolean): void {
  useEffect(() => {
    const target = body.current;
    if (!isPresent || !target) return;
    const onClick = (event: MouseEvent): void => {
      if (!(event.target instanceof Element) || event.target.closest('a, button')) return;
      if (document.getSelection()?.isCollapsed === false) return;
      const link = event.target.closest('tr')?.querySelector<HTMLElement>('.open');
      link?.dispatchEvent(
        new MouseEvent('click', {
          bubbles: true,
          cancelable: true,
          ctrlKey: event.ctrlKey,
          metaKey: event.metaKey,
          shiftKey: event.shiftKey,
        }),
      );
    };
    target.addEventListener('click', onClick);
    return () => target.removeEventListener('click', onClick);
  }, [body, isPresent]);
}
