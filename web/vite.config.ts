import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressFiles } from './compress-files.ts';

const server = `http://127.0.0.1:${process.env.PORT ?? 4000}`;

export default defineConfig({
  plugins: [react(), compressFiles()],
  build: {
    target: 'es2022',
    // The page's content security policy allows no data: fonts or scripts, and small files are cached as files anyway.
    assetsInlineLimit: 0,
    // One small file for all pages: browsers don't ask again for styles of a page that failed to load.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: {
      '/graphql': { target: server, ws: true },
      '/api': server,
      '/git': server,
      '/schemas': server,
    },
  },
});
