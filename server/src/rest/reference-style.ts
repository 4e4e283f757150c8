/** Of the page at /api/v1/: calm, readable, in the colours of the system's light or dark. */
export const REFERENCE_STYLE = `
:root { --text: #1c2430; --dim: #566072; --line: #dfe3ea; --ground: #fff; --raised: #f5f7fa; --accent: #1c5fd0; --get: #17693a; --post: #1c5fd0; --delete: #b02a2a; }
@media (prefers-color-scheme: dark) {
  :root { --text: #dde3ec; --dim: #98a3b5; --line: #2d3543; --ground: #12161d; --raised: #1a2029; --accent: #7fb0ff; --get: #6cc98f; --post: #7fb0ff; --delete: #f08a8a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 54rem; color: var(--text); background: var(--ground); font: 1rem/1.55 system-ui, sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.75rem; }
h2 { margin: 3rem 0 0.25rem; font-size: 1.3rem; }
h3 { margin: 0 0 0.5rem; font-size: 1rem; }
h4 { margin: 1.25rem 0 0.4rem; font-size: 0.85rem; color: var(--dim); }
p { margin: 0.4rem 0; max-width: 46rem; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; }
pre { margin: 0; padding: 0.75rem 1rem; overflow-x: auto; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; }
nav ul { padding: 0; margin: 1.25rem 0 0; list-style: none; }
nav li { margin: 0.25rem 0; }
nav a { color: inherit; text-decoration: none; }
nav a:hover code { text-decoration: underline; }
article { margin: 1.25rem 0; padding: 1.25rem; border: 1px solid var(--line); border-radius: 8px; }
article:target { border-color: var(--accent); }
.method { display: inline-block; min-width: 4.25rem; font-weight: 600; font-size: 0.85rem; }
.get { color: var(--get); } .post { color: var(--post); } .delete { color: var(--delete); }
.status, .optional { color: var(--dim); font-weight: 400; font-size: 0.85rem; }
.scroll { overflow-x: auto; margin-bottom: 0.75rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; }
td:first-child { white-space: nowrap; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--dim); font-size: 0.9rem; }
dl { display: grid; grid-template-columns: 3.5rem 1fr; margin: 0.75rem 0 0; font-size: 0.9rem; }
dt { font-weight: 600; } dd { margin: 0 0 0.5rem; } dd p { margin: 0 0 0.25rem; }
`;
