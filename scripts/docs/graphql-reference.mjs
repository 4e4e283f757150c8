import { readFileSync } from 'node:fs';
import * as graphql from 'graphql';

/** @typedef {import('graphql').GraphQLSchema} Schema */
/** @typedef {import('graphql').GraphQLNamedType} NamedType */
/** @typedef {import('graphql').GraphQLField<unknown, unknown>} Field */
/** @typedef {import('graphql').GraphQLArgument | import('graphql').GraphQLInputField} Input */

/** One page for each kind, in this order. */
const PAGES = /** @type {const} */ ({
  queries: 'Queries',
  mutations: 'Mutations',
  subscriptions: 'Subscriptions',
  objects: 'Objects',
  interfaces: 'Interfaces and unions',
  inputs: 'Inputs',
  enums: 'Enums',
  scalars: 'Scalars',
});
/** @typedef {keyof typeof PAGES} Page */

/** @param {string} schemaFile @returns {Record<string, string>} pages in Markdown by their names, `index` included */
export function referencePages(schemaFile) {
  const schema = graphql.buildSchema(readFileSync(schemaFile, 'utf8'));
  /** @type {Record<Page, string[]>} */
  const sections = { queries: [], mutations: [], subscriptions: [], objects: [], interfaces: [], inputs: [], enums: [], scalars: [] };
  const operations = { queries: schema.getQueryType(), mutations: schema.getMutationType(), subscriptions: schema.getSubscriptionType() };
  for (const [page, type] of /** @type {[Page, import('graphql').GraphQLObjectType | undefined][]} */ (Object.entries(operations)))
    sections[page] = Object.values(type?.getFields() ?? {}).map(operationSection);
  const roots = new Set(Object.values(operations));
  for (const type of Object.values(schema.getTypeMap()).sort((a, b) => a.name.localeCompare(b.name))) {
    if (type.name.startsWith('__') || roots.has(/** @type {import('graphql').GraphQLObjectType} */ (type))) continue;
    sections[pageOf(type)].push(typeSection(type));
  }
  const pages = Object.entries(PAGES).map(([page, title]) => [page, `# ${title}\n\n${sections[/** @type {Page} */ (page)].join('\n')}`]);
  return { index: indexPage(sections), ...Object.fromEntries(pages) };
}

/** @param {Record<Page, string[]>} sections */
function indexPage(sections) {
  const lines = Object.entries(PAGES).map(([page, title]) => `- [${title}](${page}.md): ${sections[/** @type {Page} */ (page)].length}`);
  return `# GraphQL reference\n\nMade from the schema of this version. [GraphQL](../graphql.md) says how to ask.\n\n${lines.join('\n')}\n`;
}

/** @param {NamedType} type @returns {Page} */
function pageOf(type) {
  if (graphql.isScalarType(type)) return 'scalars';
  if (graphql.isEnumType(type)) return 'enums';
  if (graphql.isInputObjectType(type)) return 'inputs';
  return graphql.isObjectType(type) ? 'objects' : 'interfaces';
}

/** @param {Field} field */
const operationSection = (field) =>
  `## ${field.name}\n\n${prose(field)}Returns ${linkTo(field.type)}\n\n${table('argument', field.args.map(inputRow))}`;

/** @param {NamedType} type */
function typeSection(type) {
  const head = `## ${type.name}\n\n${prose(type)}`;
  if (graphql.isEnumType(type)) return head + valuesTable(type);
  if (graphql.isInputObjectType(type)) return head + table('field', Object.values(type.getFields()).map(inputRow));
  if (graphql.isUnionType(type)) return `${head}One of ${type.getTypes().map(linkTo).join(', ')}.\n`;
  if (graphql.isScalarType(type)) return head;
  return head + table('field', Object.values(type.getFields()).map(fieldRow));
}

/** @param {Field} field */
const fieldRow = (field) => [`${code(field.name)}${argumentsOf(field)}`, linkTo(field.type), note(field)];

/** @param {Field} field */
const argumentsOf = ({ args }) => (args.length === 0 ? '' : ` (${args.map((arg) => `${arg.name}: ${linkTo(arg.type)}`).join(', ')})`);

/** @param {Input} input */
function inputRow(input) {
  const preset = input.defaultValue === undefined ? '' : `Left out: ${code(JSON.stringify(input.defaultValue))}. `;
  return [code(input.name), linkTo(input.type), preset + note(input)];
}

/** @param {import('graphql').GraphQLEnumType} type */
const valuesTable = (type) =>
  `| value | |\n|---|---|\n${type
    .getValues()
    .map((value) => `| ${code(value.name)} | ${note(value)} |\n`)
    .join('')}`;

/** @param {string} what @param {string[][]} rows */
const table = (what, rows) =>
  rows.length === 0 ? '' : `| ${what} | type | |\n|---|---|---|\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;

/** @param {import('graphql').GraphQLType} type @returns {string} */
function linkTo(type) {
  if (graphql.isNonNullType(type)) return `${linkTo(type.ofType)}!`;
  if (graphql.isListType(type)) return `&#91;${linkTo(type.ofType)}&#93;`;
  return `[${type.name}](${pageOf(type)}.md#${type.name.toLowerCase()})`;
}

/** @typedef {{ description?: string | null, deprecationReason?: string | null }} Described */

/** @param {Described} described */
const prose = (described) => (note(described) ? `${note(described)}\n\n` : '');

/** In one line, which tables need. @param {Described} described */
const note = ({ description, deprecationReason }) =>
  [deprecationReason ? `**Deprecated:** ${deprecationReason}` : '', description ?? '']
    .filter(Boolean)
    .join(' ')
    .replace(/\s+/g, ' ')
    .replace(/[|<>{}]/g, (character) => `&#${character.charCodeAt(0)};`);

/** @param {string} text */
const code = (text) => `\`${text}\``;
