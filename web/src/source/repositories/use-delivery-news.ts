import { useLive } from '../../api/use-live.ts';
import { RepositoryChangedDocument } from '../../generated/graphql.ts';

/**
 * Deliveries are no field of their repository: its subscription only says when to read them again. Also at its first event,
 * as what was read before may be older.
 */
export function useDeliveryNews(repositoryId: string, read: () => Promise<unknown>): void {
  // An error shows in the query's own state.
  useLive(RepositoryChangedDocument, { id: repositoryId }, () => void read().catch(() => undefined));
}
