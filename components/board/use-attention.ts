import { type RefObject, useEffect, useState } from 'react';

/** After a touch the list stays still this long: a finger has no hover. */
const TOUCH_HOLD_MS = 4000;

/** True while the pointer is over the element, the focus is in it, or a finger has just left it. */
export function useAttention(element: RefObject<HTMLElement | null>, isPresent: boolean): boolean {
  const [isHeld, setHeld] = useState(false);

  useEffect(() => {
    const target = element.current;
    if (!isPresent || !target) return;
    let isOver = false;
    let hasFocus = false;
    let touchTimer: ReturnType<typeof setTimeout> | undefined;
    const update = (): void => setHeld(isOver || hasFocus || touchTimer !== undefined);
    const endTouch = (): void => {
      touchTimer = undefined;
      update();
    };
    const onPointer = (event: PointerEvent): void => {
      if (event.pointerType === 'touch') {
        clearTimeout(touchTimer);
        touchTimer = setTimeout(endTouch, TOUCH_HOLD_MS);
      } else {
        isOver = event.type !== 'pointerleave';
      }
      update();
    };
    const onFocus = (event: FocusEvent): void => {
      hasFocus = event.type === 'focusin';
      update();
    };
    const pointerEvents = ['pointerenter', 'pointermove', 'pointerdown', 'pointerleave'] as const;
    for (const name of pointerEvents) target.addEventListener(name, onPointer);
    target.addEventListener('focusin', onFocus);
    target.addEventListener('focusout', onFocus);
    return () => {
      clearTimeout(touchTimer);
      for (const name of pointerEvents) target.removeEventListener(name, onPointer);
      target.removeEventListener('focusin', onFocus);
      target.removeEventListener('focusout', onFocus);
      setHeld(false);
    };
  }, [element, isPresent]);

  return isHeld;
}
