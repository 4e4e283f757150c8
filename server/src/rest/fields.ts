import { z } from 'zod';

const MAX_URL_LENGTH = 2_000;
const MAX_NAME_LENGTH = 255;

type Field = { /** Goes on "It must be …". */ expected: string; description: string; example: string };

/** A text that must not be empty. */
export const text = ({ expected, description, example }: Field, maxLength = MAX_NAME_LENGTH) =>
  z
    .string({ error: expected })
    .min(1, expected)
    .max(maxLength, expected)
    .meta({ description, examples: [example] });

export const idOf = (thing: string, description: string) =>
  text({ expected: `the id of ${thing}, as Slipway gave it`, description, example: '0198f3c2-6d1e-7a34-9b0c-5f2e8d71a640' });

export const number = (expected: string, description: string, bounds: { least: number; most: number }, example: number) =>
  z
    .number({ error: expected })
    .min(bounds.least, expected)
    .max(bounds.most, expected)
    .meta({ description, examples: [example] });

export const repoUrl = text(
  {
    expected: 'the address of a repository, e.g. https://slipway.example/git/shop/web.git or git@github.com:acme/web.git',
    description:
      'Address of the repository, in any spelling: its clone address at this Slipway (also without scheme and host: /git/shop/web.git), or for an external repository its https or ssh address at the code host.',
    example: 'https://slipway.example/git/shop/web.git',
  },
  MAX_URL_LENGTH,
);

export const branchName = text({
  expected: `the name of a branch, 1 to ${MAX_NAME_LENGTH} characters, without refs/heads/`,
  description: 'Name of the branch, without refs/heads/.',
  example: 'main',
});

export const projectChoice = text({
  expected: 'the id or the name of a project',
  description: 'Id or name of the project; needed for an external repository that several projects have.',
  example: 'shop',
}).optional();

export const message = z.string().meta({ description: 'What was done, for people.' });
