import { useQuery } from '@apollo/client/react';
import { Navigate, useLocation, useParams } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { RunAddressDocument } from '../../generated/graphql.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { addressOf } from '../states/addresses.ts';

/** A run by its id leads to the address that people can read. */
export function RunAddress() {
  const { id = '' } = useParams();
  const { search, hash } = useLocation();
  const { data, error } = useQuery(RunAddressDocument, { variables: { id } });
  if (data?.run) return <Navigate to={addressOf.run(data.run) + search + hash} replace />;
  if (error) return <ErrorPanel title="This run can’t be shown" message={errorMessage(error)} />;
  if (data)
    return <ErrorPanel title="There is no such run" message="It may have been deleted with its project, or the link is cut short." />;
  return null;
}
