import type { ReactElement } from 'react';
import type { CauseBody } from '@/lib/contract/cause';
import { CATEGORIES, CATEGORY_TITLES } from '@/lib/domain/causes';

/** The categories with how many fail for each now; a press goes to its part of the reference. */
export function CategoryIndex({ causes }: { readonly causes: readonly CauseBody[] }): ReactElement {
  return (
    <nav className="category-index" aria-label="Categories">
      <ul>
        {CATEGORIES.map((category) => {
          const affected = causes
            .filter((cause) => cause.category === category)
            .reduce((sum, cause) => sum + cause.affected.length, 0);
          return (
            <li key={category}>
              <a href={`#${category}`}>
                <i className={`cat-${category}`} />
                <span>{CATEGORY_TITLES[category]}</span>
                <span
                  className={affected > 0 ? 'num failing' : 'num faint'}
                  title={`${affected} loops fail for it now`}
                >
                  {affected}
                </span>
              </a>
            </li>
          );
        })}
        <li>
          <a href="#back-off">
            <i />
            <span>How back-off works</span>
          </a>
        </li>
      </ul>
    </nav>
  );
}
