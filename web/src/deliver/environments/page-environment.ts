import type { EnvironmentPageQuery } from '../../generated/graphql.ts';

export type PageEnvironment = NonNullable<EnvironmentPageQuery['environment']>;
