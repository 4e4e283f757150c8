import { Field, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../../platform/graphql/enum-of.js';
import type { FileChange, FileStatus } from './changed-files.js';
import type { Comparison } from './compare-revisions.js';
import type { FilePatch } from './file-patch.js';

export const FileStatusEnum = enumOf<FileStatus>('FileStatus', 'What happened to a file.', {
  added: 'It is new.',
  modified: 'Its content differs.',
  deleted: 'It is gone.',
  renamed: 'Its name changed.',
  copied: 'It is a copy of another file.',
  type_changed: 'Its type changed, e.g. it is now a symbolic link.',
});

@ObjectType('Comparison', { description: 'What one revision has that another does not.' })
export class ComparisonType implements Comparison {
  @Field(() => String, { description: 'The commit compared with. Use it instead of a name to ask for further pages: names move.' })
  baseSha!: string;

  @Field(() => String, { description: 'The commit that is compared.' })
  headSha!: string;

  @Field(() => String, { nullable: true, description: 'The commit at which the two diverged; null: they have nothing in common.' })
  mergeBaseSha!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Commits of the head that the base does not have; null: nothing in common, or more than 10,000 apart.',
  })
  ahead!: number | null;

  @Field(() => Int, { nullable: true, description: 'Commits of the base that the head does not have; null as for `ahead`.' })
  behind!: number | null;

  repositoryId!: string;
}

@ObjectType('FileChange', { description: 'A file that differs.' })
export class FileChangeType implements FileChange {
  @Field(() => String, { description: 'Where it is, or was when it is deleted.' })
  path!: string;

  @Field(() => String, { nullable: true, description: 'Where it was, when it was renamed or copied.' })
  oldPath!: string | null;

  @Field(() => FileStatusEnum, { description: 'What happened to it.' })
  status!: FileStatus;

  @Field(() => Int, { nullable: true, description: 'Lines added; null: binary, or too large to count.' })
  additions!: number | null;

  @Field(() => Int, { nullable: true, description: 'Lines removed; null as for `additions`.' })
  deletions!: number | null;

  @Field(() => Boolean, { description: 'Whether it is binary.' })
  isBinary!: boolean;
}

@ObjectType('ChangedFiles', { description: 'A page of the list of files that differ.' })
export class ChangedFilesType {
  @Field(() => [FileChangeType], { description: 'By path.' })
  files!: FileChange[];

  @Field(() => Int, { description: 'How many there are on all pages.' })
  total!: number;

  @Field(() => Boolean, { description: 'Whether even more files differ than are listed on any page.' })
  truncated!: boolean;
}

@ObjectType('FilePatch', { description: 'How one file differs.' })
export class FilePatchType implements FilePatch {
  @Field(() => String, { description: 'Unified diff from the first @@ on; empty if the file is binary or was only moved.' })
  text!: string;

  @Field(() => Boolean, { description: 'Whether it is binary, so that there is nothing to show.' })
  isBinary!: boolean;

  @Field(() => Boolean, { description: 'Whether the end is missing because the diff is longer than 256 KiB.' })
  truncated!: boolean;
}
