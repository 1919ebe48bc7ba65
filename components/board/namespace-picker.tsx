'use client';

import { type ReactElement, useState } from 'react';
import { Icon } from '@/components/ui/icon';
import { Popover } from '@/components/ui/popover';
import { countOf, formatCount } from '@/lib/format/count';
import { isNamespace } from '@/lib/url/board';

export interface NamespacePickerProps {
  /** All that are known, with their number of loops. */
  readonly namespaces: readonly { readonly name: string; readonly loops: number }[];
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: string[]) => void;
}

const LISTED = 50;

/** Chooses namespaces: by a press, by finding, or by typing the name of one that cannot be listed. */
export function NamespacePicker(props: NamespacePickerProps): ReactElement {
  const { namespaces, chosen } = props;
  return (
    <Popover
      button={
        <>
          <span className="hidden-text">Namespaces: </span>
          {chosen.length === 0 ? 'All namespaces' : chosen.slice(0, 2).join(', ')}
          <span className="muted">
            {chosen.length === 0 ? formatCount(namespaces.length) : chosen.length > 2 ? `+${chosen.length - 2}` : ''}
          </span>
          <Icon name="down" />
        </>
      }
    >
      {() => <NamespaceList {...props} />}
    </Popover>
  );
}

function NamespaceList({ namespaces, chosen, onChoose }: NamespacePickerProps): ReactElement {
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const known = [...namespaces, ...chosen.filter(isUnknownIn(namespaces)).map((name) => ({ name, loops: 0 }))];
  const found = known
    .filter(({ name, loops }) => (wanted === '' ? loops > 0 || chosen.includes(name) : name.includes(wanted)))
    .sort((a, b) => b.loops - a.loops || (a.name < b.name ? -1 : 1));
  const quiet = known.length - found.length;
  const canAdd = isNamespace(wanted) && !known.some(({ name }) => name === wanted);

  const toggle = (name: string): void =>
    onChoose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name].sort());
  const enter = (): void => {
    const only = found.length === 1 ? found[0]?.name : undefined;
    const name = only ?? (isNamespace(wanted) ? wanted : undefined);
    if (name === undefined) return;
    if (!chosen.includes(name)) toggle(name);
    setFind('');
  };

  return (
    <>
      <div className="field">
        <Icon name="search" />
        <input
          // biome-ignore lint/a11y/noAutofocus: the reader has just opened the list to find one
          autoFocus
          value={find}
          aria-label="Find or type a namespace"
          placeholder="Find, or type one you may see"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          onChange={(event) => setFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') enter();
          }}
        />
      </div>
      <ul>
        {found.slice(0, LISTED).map(({ name, loops }) => (
          <li key={name}>
            <label>
              <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
              <span className="text">{name}</span>
              <span className="num">{formatCount(loops)}</span>
            </label>
          </li>
        ))}
        {canAdd ? (
          <li>
            <button type="button" className="add" onClick={enter}>
              Look into <b>{wanted}</b>
              <kbd>Enter</kbd>
            </button>
          </li>
        ) : null}
      </ul>
      <p className="label muted">
        {wanted === '' ? `${formatCount(quiet)} more without loops` : countOf(found.length, 'match', 'matches')}
        {chosen.length > 0 ? (
          <button type="button" className="link" onClick={() => onChoose([])}>
            Show all
          </button>
        ) : null}
      </p>
    </>
  );
}

function isUnknownIn(namespaces: NamespacePickerProps['namespaces']): (name: string) => boolean {
  const known = new Set(namespaces.map(({ name }) => name));
  return (name) => !known.has(name);
}
