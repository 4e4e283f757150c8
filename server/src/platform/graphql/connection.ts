import { type ClassType, Field, ObjectType } from 'type-graphql';
import { asGiven, DomainError } from '../errors.js';

export const MAX_PAGE_SIZE = 100;

@ObjectType({ description: 'Where a page of a list stands in it.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after `endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Pass it as `after` to get the next page; null on an empty page.' })
  endCursor!: string | null;
}

export type Edge<T> = { cursor: string; node: T };
export type Connection<T> = { edges: Edge<T>[]; pageInfo: PageInfo };

/** Object types `<name>Edge` and `<name>Connection` of a Relay page. Call once for each node type and export the result. */
export function connectionOf<T extends object>(name: string, node: () => ClassType<T>): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a page.` })
  class NodeEdge {
    @Field(() => String, { description: 'Cursor: its place in the list.' })
    cursor!: string;

    @Field(node, { description: 'The thing itself.' })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name}s.` })
  class NodeConnection {
    @Field(() => [NodeEdge], { description: 'In the order of the list.' })
    edges!: NodeEdge[];

    @Field(() => PageInfo, { description: 'Whether there is more, and where.' })
    pageInfo!: PageInfo;
  }
  return NodeConnection;
}

/**
 * A page made from up to `first + 1` rows in the order of the list: the one too many says that there is more.
 * `keyOf` answers the sort key of a row, which `cursorKey` gives back for the next query.
 */
export function pageOf<T>(rows: readonly T[], first: number, keyOf: (row: T) => string): Connection<T> {
  const edges = rows.slice(0, first).map((node) => ({ cursor: encodeCursor(keyOf(node)), node }));
  return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}

/** Sort key within a cursor, null for the first page. */
export function cursorKey(after: string | null | undefined): string | null {
  if (after === null || after === undefined) return null;
  const text = Buffer.from(after, 'base64url').toString('utf8');
  if (text.startsWith('k:')) return text.slice(2);
  throw new DomainError(
    'bad_input',
    'bad_cursor',
    `"${asGiven(after)}" is not a cursor of this list. Use one from pageInfo.endCursor, or leave \`after\` out.`,
  );
}

const encodeCursor = (key: string): string => Buffer.from(`k:${key}`, 'utf8').toString('base64url');
