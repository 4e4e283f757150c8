const greeting = 'Hello from Slipway';

/** The whole page. `release` says which version answers, so that one sees a deployment arrive. */
export function renderPage(release) {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(greeting)}</title>
    <style>
      :root { color-scheme: light dark; --ink: #10312f; --soft: #4b6b69; --ground: #f3f8f7; --accent: #0f766e; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e3f1ef; --soft: #9dbab7; --ground: #0b1615; --accent: #5eead4; } }
      body { margin: 0; min-height: 100vh; display: grid; place-content: center; gap: 12px; padding: 24px; text-align: center;
        background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
      h1 { margin: 0; font-size: clamp(28px, 6vw, 48px); letter-spacing: -0.02em; }
      p { margin: 0; color: var(--soft); }
      code { color: var(--accent); font: 14px ui-monospace, monospace; }
    </style>
  </head>
  <body>
    <h1>${escapeHtml(greeting)}</h1>
    <p>Version <code>${escapeHtml(release.version)}</code>, built <time>${escapeHtml(release.builtAt)}</time></p>
    <p>Change <code>src/page.js</code>, commit and push, and watch this page change.</p>
  </body>
</html>
`;
}

export function escapeHtml(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text).replace(/[&<>"']/g, (character) => entities[character]);
}
