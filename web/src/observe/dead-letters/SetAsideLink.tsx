import { useQuery } from '@apollo/client/react';
import { Link } from 'react-router';
import { DeadLetterCountDocument } from '../../generated/graphql.ts';
import { useViewer } from '../../people/access/viewer.tsx';

const EVERY_MS = 15_000;

/** The way to what was set aside, with how much that is; for those who may do something about it. */
export function SetAsideLink() {
  const { isAdmin } = useViewer();
  const { data } = useQuery(DeadLetterCountDocument, { skip: !isAdmin, pollInterval: EVERY_MS });
  if (!isAdmin || !data) return null;
  return <Link to="/agents/set-aside">{data.deadLetterCount === 0 ? 'nothing set aside' : `${data.deadLetterCount} set aside`}</Link>;
}
