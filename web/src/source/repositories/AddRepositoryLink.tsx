import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';

export function AddRepositoryLink({ project, primary = false }: { project: string; primary?: boolean }) {
  return (
    <Button component={Link} to={addressOf.addRepository(project)} {...(primary ? {} : { variant: 'default' })}>
      Add a repository
    </Button>
  );
}
