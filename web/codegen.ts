import type { CodegenConfig } from '@graphql-codegen/cli';

/** Operations stand in `.graphql` files beside the components that ask; every one becomes a typed document. */
const config: CodegenConfig = {
  schema: '../schema.graphql',
  documents: ['src/**/*.graphql'],
  generates: {
    './src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { DateTime: 'string', JSON: 'unknown', LogTimes: 'number[]' },
      },
    },
  },
};

export default config;
