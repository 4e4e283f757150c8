import { useOutletContext } from 'react-router';
import type { ProjectFrameQuery } from '../../generated/graphql.ts';

export type FrameProject = NonNullable<ProjectFrameQuery['project']>;

/** The project whose tab this is. */
export function useFrameProject(): FrameProject {
  return useOutletContext<FrameProject>();
}
