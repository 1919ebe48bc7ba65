'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactElement, type ReactNode, useState } from 'react';
import { KeysProvider } from './keys';

/** What every page needs in the browser: the cache, the URL and the keys. */
export function Providers({ children }: { children: ReactNode }): ReactElement {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: 2 } } }),
  );
  return (
    <NuqsAdapter>
      <QueryClientProvider client={client}>
        <KeysProvider>{children}</KeysProvider>
      </QueryClientProvider>
    </NuqsAdapter>
  );
}
