import { Field, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../../platform/graphql/enum-of.js';
import type { FileChange, FileStatus } from './changed-files.js';
import type { Comparison } from './compare-revisions.js';
import type { FilePatch } from './file-patch.js';

export const FileStatusEnum = enumOf<FileStatus>('FileStatus', 'What became of a file.', {
  added: 'It is new.',
  modified: 'Its content differs.',
  deleted: 'It is gone.',
  renamed: 'It has another name.',
  copied: 'It is a copy of another file.',
  type_changed: 'It is of another type, e.g. a symbolic link by now.',
});

@ObjectType('Comparison', { description: 'What one revision has that another has not.' })
export class ComparisonType implements Comparison {
  @Field(() => String, { description: 'The commit compared with. Ask with it instead of a name for further pages: names move.' })
  baseSha!: string;

  @Field(() => String, { description: 'The commit that is compared.' })
  headSha!: string;

  @Field(() => String, { nullable: true, description: 'The commit at which the two parted; null: they have nothing in common.' })
  mergeBaseSha!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Commits of the head that the base has not; null: nothing in common, or more than 10,000 apart.',
  })
  ahead!: number | null;

  @Field(() => Int, { nullable: true, description: 'Commits of the base that the head has not; null as `ahead`.' })
  behind!: number | null;

  repositoryId!: string;
}

@ObjectType('FileChange', { description: 'A file that differs.' })
export class FileChangeType implements FileChange {
  @Field(() => String, { description: 'Where it is, or was when it is deleted.' })
  path!: string;

  @Field(() => String, { nullable: true, description: 'Where it was, when it was renamed or copied.' })
  oldPath!: string | null;

  @Field(() => FileStatusEnum, { description: 'What became of it.' })
  status!: FileStatus;

  @Field(() => Int, { nullable: true, description: 'Lines added; null: binary, or too much to count.' })
  additions!: number | null;

  @Field(() => Int, { nullable: true, description: 'Lines taken away; null as `additions`.' })
  deletions!: number | null;

  @Field(() => Boolean, { description: 'Whether it is no text.' })
  isBinary!: boolean;
}

@ObjectType('ChangedFiles', { description: 'A page of the files that differ.' })
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
  @Field(() => String, { description: 'Unified diff from the first @@ on; empty when it is binary or was only moved.' })
  text!: string;

  @Field(() => Boolean, { description: 'Whether it is no text, so that there is nothing to show.' })
  isBinary!: boolean;

  @Field(() => Boolean, { description: 'Whether the end is missing, as it is longer than 256 KiB.' })
  truncated!: boolean;
}
