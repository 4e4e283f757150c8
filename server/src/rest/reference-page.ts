import { exampleOf, type OpenApi, type Operation, type Schema } from './open-api.js';
import { REFERENCE_STYLE } from './reference-style.js';

/** A value that is put into a page by `html`, which makes markup harmless in everything else. */
class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Part[];

function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((page, text, index) => page + textOf(parts[index - 1] ?? '') + text));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join('');
  return String(part).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The description for people: one page without scripts and without anything from elsewhere. */
export function referencePage(api: OpenApi, origin: string): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${api.info.title}</title>
<style>${new Html(REFERENCE_STYLE)}</style>
</head>
<body>
<header><h1>${api.info.title}</h1>${paragraphs(api.info.description)}
<p><a href="/api/v1/openapi.json">OpenAPI 3.1 description</a> · worked examples are in docs/rest.md of the source · <a href="/">to the page</a></p>
<nav aria-label="Calls"><ul>${operations.map((one) => html`<li><a href="#${one.operation.operationId}">${heading(one)}</a></li>`)}</ul></nav></header>
<main>${api.tags.map(
    ({ name, description }) =>
      html`<section><h2>${name}</h2><p>${description}</p>${operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map((one) => article(one, origin))}</section>`,
  )}</main>
</body>
</html>
`.text;
}

type Listed = { method: string; path: string; operation: Operation };

const heading = ({ method, path }: Listed) => html`<span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code>`;

function article(one: Listed, origin: string): Html {
  const { operation } = one;
  const [good, ...refusals] = sorted(operation);
  return html`<article id="${operation.operationId}">
<h3>${heading(one)}</h3>
<p><strong>${operation.summary}.</strong></p>${paragraphs(operation.description)}
<h4>Fields</h4>${fields(inputOf(operation))}
<h4>Example</h4><pre><code>${curlOf(one, origin)}</code></pre>
${good ? html`<h4>Answer <span class="status">${good.status}</span></h4>${fields(good.schema)}<pre><code>${pretty(exampleOf(good.schema))}</code></pre>` : ''}
<details><summary>Refusals</summary><dl>${refusals.map(({ status, description }) => html`<dt>${status}</dt><dd>${paragraphs(description)}</dd>`)}</dl></details>
</article>`;
}

const paragraphs = (text: string) => text.split('\n\n').map((paragraph) => html`<p>${paragraph}</p>`);

/** The good answer first. */
function sorted({ responses }: Operation): { status: string; description: string; schema: Schema }[] {
  return Object.entries(responses).map(([status, { description, content }]) => ({
    status,
    description,
    schema: content['application/json'].schema as Schema,
  }));
}

function inputOf({ parameters, requestBody }: Operation): Schema {
  if (requestBody) return requestBody.content['application/json'].schema as Schema;
  const all = parameters ?? [];
  return {
    properties: Object.fromEntries(all.map(({ name, description, schema }) => [name, { ...schema, description }])),
    required: all.filter(({ required }) => required).map(({ name }) => name),
  };
}

function fields(schema: Schema): Html {
  return html`<div class="scroll"><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows(schema, '')}</tbody></table></div>`;
}

function rows({ properties = {}, required = [] }: Schema, prefix: string): Html[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const optional = required.includes(name) ? '' : html` <span class="optional">optional</span>`;
    const row = html`<tr><td><code>${prefix}${name}</code>${optional}</td><td>${typeOf(field)}</td><td>${field.description ?? ''}</td></tr>`;
    const within = field.items?.properties ? rows(field.items, `${prefix}${name}[].`) : rows(field, `${prefix}${name}.`);
    return [row, ...within];
  });
}

function typeOf({ type, anyOf, enum: values, items }: Schema): string {
  if (values) return values.join(' | ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  return [type ?? 'anything'].flat().join(' or ');
}

function curlOf({ method, path, operation }: Listed, origin: string): string {
  const schema = inputOf(operation);
  const token = `-H "Authorization: Bearer $SLIPWAY_TOKEN"`;
  if (operation.requestBody) return `curl ${token} \\\n  --json '${JSON.stringify(exampleOf(schema))}' \\\n  ${origin}${path}`;
  const given = Object.entries(exampleOf(schema) as Record<string, string>);
  const data = given.map(([name, value]) => `--data-urlencode '${name}=${value}'`).join(' ');
  return `curl -G ${method === 'GET' ? '' : `-X ${method} `}${token} \\\n  ${data} \\\n  ${origin}${path}`;
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);
