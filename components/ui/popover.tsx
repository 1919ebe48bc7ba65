'use client';

import { type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from 'react';

export interface PopoverProps {
  /** Classes of the button beside `button`. */
  readonly className?: string;
  /** The button's name where its text does not say it. */
  readonly label?: string;
  readonly button: ReactNode;
  readonly align?: 'left' | 'right';
  /** The content; it gets the function that closes the popover and gives the focus back. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens what floats below it. Esc, a press elsewhere and leaving it by Tab close it. */
export function Popover({ className = '', label, button, align = 'left', children }: PopoverProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      opener.current?.focus();
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [isOpen]);

  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };

  return (
    <div className="picker" ref={root}>
      <button
        type="button"
        ref={opener}
        className={`button ${className}`}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={label}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen ? (
        <div className={align === 'right' ? 'float right' : 'float'} id={id}>
          {children(close)}
        </div>
      ) : null}
    </div>
  );
}
