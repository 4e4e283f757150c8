import { useQuery } from '@apollo/client/react';
import { Navigate, useLocation, useParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { addressOf, TO_PROJECTS } from '../../domain/addresses.ts';
import { RunAddressDocument } from '../../generated/graphql.ts';
import { NotFound } from '../../ui/NotFound.tsx';

/** A run by its id leads to the address that people can read. */
export function RunAddress() {
  const { id = '' } = useParams();
  const { search, hash } = useLocation();
  const { data, error, refetch } = useQuery(RunAddressDocument, { variables: { id } });
  if (data?.run) return <Navigate to={addressOf.run(data.run) + search + hash} replace />;
  if (error) return <PageReadFailed title="This run can’t be shown" error={error} onRetry={() => void refetch()} way={TO_PROJECTS} />;
  if (data)
    return (
      <NotFound title="There is no such run" way={TO_PROJECTS}>
        It may have been deleted with its project, or the link may be incomplete.
      </NotFound>
    );
  return null;
}
