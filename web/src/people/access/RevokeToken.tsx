import { Button } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { MyTokensDocument, RevokeTokenDocument, type TokenRowFragment } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';

export function RevokeToken({ token }: { token: TokenRowFragment }) {
  const [asking, setAsking] = useState(false);
  const { cache } = useApi().apollo;
  const { run, busy, error } = useAction(RevokeTokenDocument);
  const revoke = async () => {
    if (!(await run({ id: token.id }))) return;
    setAsking(false);
    cache.updateQuery({ query: MyTokensDocument }, (data) => data && { myTokens: data.myTokens.filter((each) => each.id !== token.id) });
  };
  return (
    <>
      <Button size="compact-xs" variant="default" color="red" onClick={() => setAsking(true)} aria-label={`Revoke ${token.name}`}>
        Revoke
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Revoke a token"
          name={token.name}
          action="Revoke"
          busy={busy}
          error={error}
          onConfirm={() => void revoke()}
          onClose={() => setAsking(false)}
        >
          Whatever uses <strong>{token.name}</strong> stops working at once. This can’t be undone, but you can make a new token.
        </ConfirmDialog>
      ) : null}
    </>
  );
}
