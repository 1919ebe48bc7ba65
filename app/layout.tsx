import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactElement, ReactNode } from 'react';
import { Providers } from '@/components/shell/providers';
import { ThemeScript } from '@/components/shell/theme-script';
import './globals.css';

/** Pages read the memory of this process: without this they would be rendered once, at build time, and empty. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: 'Unloop', template: '%s · Unloop' },
  description: 'Every crash loop of a Kubernetes cluster, why it fails, with the evidence beside the claim',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default async function RootLayout({ children }: { children: ReactNode }): Promise<ReactElement> {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <ThemeScript nonce={nonce} />
      </head>
      <body>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
