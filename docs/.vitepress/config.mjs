import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';
import { defineConfig } from 'vitepress';

const DOCS = join(dirname(fileURLToPath(import.meta.url)), '..');
const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, SLIPWAY_REPOSITORY_URL } = process.env;
/** Where the sources can be read: a hosted CI says so itself. Without it, what links to them is plain text. */
const REPOSITORY = SLIPWAY_REPOSITORY_URL ?? (GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : null);

const titleOf = (file) =>
  readFileSync(join(DOCS, file), 'utf8')
    .match(/^# (.+)$/m)?.[1]
    .replaceAll('`', '') ?? file;
const page = (name) => ({ text: titleOf(`${name}.md`), link: `/${name}` });
const adrs = readdirSync(join(DOCS, 'adr'))
  .filter((file) => /^\d/.test(file))
  .sort();
const reference = ['queries', 'mutations', 'subscriptions', 'objects', 'interfaces', 'inputs', 'enums', 'scalars'];

export default defineConfig({
  title: 'Slipway',
  description: 'From a commit to healthy production, in one product.',
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    // Headings are called as GitHub calls them, so that one link is right in both places.
    anchor: { slugify: (text) => new GithubSlugger().slug(text) },
    config: (markdown) => markdown.core.ruler.push('links out of the docs', linksOutOfDocs),
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Pipelines', link: '/pipelines' },
      { text: 'Operations', link: '/operations' },
      { text: 'APIs', items: [page('rest'), page('graphql'), { text: 'GraphQL reference', link: '/reference/' }] },
      { text: 'Architecture', link: '/architecture' },
    ],
    sidebar: [
      { text: 'Use', items: ['pipelines', 'version-control'].map(page) },
      {
        text: 'APIs',
        items: [
          ...['rest', 'graphql'].map(page),
          { text: 'GraphQL reference', link: '/reference/', collapsed: true, items: reference.map((name) => page(`reference/${name}`)) },
        ],
      },
      { text: 'Run', items: ['operations', 'performance'].map(page) },
      {
        text: 'Change',
        items: [
          ...['architecture', 'recipes', 'glossary', 'releasing'].map(page),
          { text: 'Decisions', link: '/adr/', collapsed: true, items: adrs.map((file) => page(`adr/${file.replace(/\.md$/, '')}`)) },
        ],
      },
    ],
  },
});

/** Links to sources lead to where the repository can be read. */
function linksOutOfDocs({ tokens, env }) {
  for (const token of tokens) {
    let target = null;
    token.children &&= token.children.filter((child) => {
      if (child.type === 'link_open') {
        target = outside(child.attrGet('href') ?? '', env.relativePath);
        if (target && REPOSITORY) child.attrSet('href', `${REPOSITORY}/blob/HEAD/${target}`);
      }
      const isDropped = target !== null && REPOSITORY === null && child.type.startsWith('link_');
      if (child.type === 'link_close') target = null;
      return !isDropped;
    });
  }
}

/** The path in the repository of what is not in the docs; null: it is, or is of another site. */
function outside(href, from) {
  if (/^[a-z]+:|^[#/]/.test(href)) return null;
  const path = posix.join('docs', posix.dirname(from), href);
  return path.startsWith('docs/') ? null : path;
}
