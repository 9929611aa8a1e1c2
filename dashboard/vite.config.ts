import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const fonts = join(import.meta.dirname, '../dist/fonts');

/**
 * Cloudscape's style sheet carries eight fonts as data: URLs. As files they are fetched only where
 * they are used, and the Content-Security-Policy need not allow such URLs.
 */
const fontFiles = (): Plugin => ({
  name: 'font-files',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('global-styles') || !id.endsWith('.css')) return undefined;
    mkdirSync(fonts, { recursive: true });
    return code.replaceAll(/data:font\/woff2;base64,([A-Za-z0-9+/=]+)/g, (_, base64: string) => {
      const font = Buffer.from(base64, 'base64');
      const digest = createHash('sha256').update(font).digest('hex').slice(0, 16);
      const file = join(fonts, `open-sans-${digest}.woff2`);
      writeFileSync(file, font);
      return file;
    });
  },
});

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [fontFiles(), react()],
  build: {
    outDir: '../dist/dashboard/by-hand',
    emptyOutDir: true,
    // The Content-Security-Policy allows no data: URLs.
    assetsInlineLimit: 0,
    // The bench holds the first page against its budget; this would warn of single files.
    chunkSizeWarningLimit: 2000,
  },
});
