// Lets plain Node run the project's TypeScript: resolves "@/…", adds the extension, takes "server-only" for granted, and says by which
// rules it judges.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RULESET } from './ruleset.mjs';

process.env.UNLOOP_RULESET = RULESET;

const root = new URL('../', import.meta.url);

/** The file that a specifier without extension means, or null. */
function withExtension(url) {
  const path = fileURLToPath(url);
  for (const end of ['', '.ts', '.tsx', '.mjs', '.js']) {
    if (existsSync(path + end) && (end !== '' || /\.\w+$/.test(path))) return pathToFileURL(path + end).href;
  }
  return null;
}

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'server-only') return next(new URL('scripts/server-only.mjs', root).href, context);
    const own = specifier.startsWith('@/')
      ? new URL(specifier.slice(2), root)
      : /^\.\.?\//.test(specifier) &&
          context.parentURL?.startsWith(root.href) &&
          !context.parentURL.includes('/node_modules/')
        ? new URL(specifier, context.parentURL)
        : null;
    const found = own && withExtension(own);
    return next(found ?? specifier, context);
  },
});
