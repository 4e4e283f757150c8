import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as documents from '@graphql-codegen/typed-document-node';
import * as types from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';

const web = import.meta.dirname;
const folder = join(web, 'src/generated');
const schema = readFileSync(join(web, '../schema.graphql'), 'utf8');
const operations = globSync('src/**/*.graphql', { cwd: web }).sort();

/** Operations stand in `.graphql` files beside the components that ask; every one becomes a typed document. */
const generated = await codegen({
  filename: join(folder, 'graphql.ts'),
  schema: parse(schema),
  schemaAst: buildSchema(schema),
  documents: operations.map((location) => ({ location, document: parse(readFileSync(join(web, location), 'utf8')) })),
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    strictScalars: true,
    scalars: { DateTime: 'string', JSON: 'unknown', LogTimes: 'number[]' },
  },
  plugins: [{ types: {} }, { documents: {} }],
  pluginMap: { types, documents },
});
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'graphql.ts'), generated);
