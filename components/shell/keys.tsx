'use client';

import {
  createContext,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { KeysDialog } from './keys-dialog';

/** One key of a page. `key` is `KeyboardEvent.key`; `shown` what the list of keys prints where that differs. */
export interface KeyBinding {
  readonly key: string;
  readonly shown?: string;
  readonly label: string;
  /** Absent where the browser does it by itself and the key is only listed. */
  readonly run?: () => void;
}

export interface KeyGroup {
  readonly title: string;
  readonly bindings: readonly KeyBinding[];
}

interface Keys {
  readonly register: (group: KeyGroup) => () => void;
  readonly showAll: () => void;
}

const KeysContext = createContext<Keys>({ register: () => () => undefined, showAll: () => undefined });

/** Listens for the keys of all pages below it, and lists them on `?`. */
export function KeysProvider({ children }: { children: ReactNode }): ReactElement {
  const groups = useRef(new Set<KeyGroup>());
  const [listed, setListed] = useState<readonly KeyGroup[] | null>(null);

  const register = useCallback((group: KeyGroup) => {
    groups.current.add(group);
    return () => groups.current.delete(group);
  }, []);
  const showAll = useCallback(() => setListed([...groups.current]), []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '?') {
        event.preventDefault();
        showAll();
        return;
      }
      for (const { bindings } of groups.current) {
        const binding = bindings.find((one) => one.key === event.key);
        if (!binding?.run) continue;
        event.preventDefault();
        binding.run();
        return;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [showAll]);

  const keys = useMemo(() => ({ register, showAll }), [register, showAll]);
  return (
    <KeysContext value={keys}>
      {children}
      {listed === null ? null : <KeysDialog groups={listed} onClose={() => setListed(null)} />}
    </KeysContext>
  );
}

/** Gives a page its keys while it is shown. Keys are left alone while somebody types and with Ctrl, Alt or Meta. */
export function useKeys(title: string, bindings: readonly KeyBinding[]): void {
  const { register } = useContext(KeysContext);
  useEffect(() => register({ title, bindings }), [register, title, bindings]);
}

/** Opens the list of all keys. */
export function useShowKeys(): () => void {
  return useContext(KeysContext).showAll;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
