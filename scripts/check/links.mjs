import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

const DOCUMENTS = ['*.md', '.github/**/*.md', 'docs/*.md', 'docs/adr/*.md', 'examples/**/*.md', 'scripts/**/*.md'];
const markdown = new MarkdownIt();

/** @typedef {import('markdown-it').Token} Token */

/**
 * Every link to a file leads to one, and every `#heading` to a heading; addresses of other sites are not asked.
 * @param {string} root
 */
export function linksLead(root) {
  const documents = globSync(DOCUMENTS, { cwd: root, exclude: (path) => path.includes('node_modules') }).sort();
  const dead = documents.flatMap((document) =>
    linksOf(join(root, document))
      .filter((link) => !leads(link, join(root, document)))
      .map((link) => `${document}: ${link}`),
  );
  if (dead.length > 0) throw new Error(`These links lead nowhere:\n${dead.map((each) => `  ${each}`).join('\n')}`);
}

/** @param {string} link @param {string} from */
function leads(link, from) {
  const [path = '', heading] = decodeURI(link).split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(target)) return false;
  return heading === undefined || !target.endsWith('.md') || headingsOf(target).includes(heading);
}

/** @param {string} file */
function linksOf(file) {
  const links = inlinesOf(file).map((token) => String(token.attrGet(token.type === 'image' ? 'src' : 'href') ?? ''));
  return links.filter((link) => link !== '' && !/^[a-z]+:|^\/\//.test(link));
}

/** @param {string} file @returns {Token[]} links and images */
const inlinesOf = (file) =>
  tokensOf(file)
    .flatMap((token) => token.children ?? [])
    .filter(({ type }) => type === 'link_open' || type === 'image');

/** As GitHub and the site name them. @param {string} file */
function headingsOf(file) {
  const slugger = new GithubSlugger();
  const tokens = tokensOf(file);
  return tokens.flatMap(({ type }, i) => (type === 'heading_open' ? [slugger.slug(textOf(tokens[i + 1]))] : []));
}

/** @param {Token | undefined} inline */
const textOf = (inline) => (inline?.children ?? []).map(({ type, content }) => (/^(text|code_inline)$/.test(type) ? content : '')).join('');

/** @param {string} file */
const tokensOf = (file) => markdown.parse(readFileSync(file, 'utf8'), {});
