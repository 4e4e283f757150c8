/**
 * Makes files that an earlier job had, and may have done anything to, those of the commit. Runs in the working folder, as the job's user, with a
 * new `.git` that holds the index from before that job. Nothing that the job left is asked before it is known to be as it was:
 *
 * 1. What the index does not name goes, whatever it is: ignored files, repositories in tracked folders, attributes, locks. Only names are
 *    compared, Git reads no file for it. Of folders, which the index does not know, modes and, in the end, times are set anew; one with an access list is not mended.
 * 2. What the index does not know to the last detail (size, number, times: a job can't set the time of change) goes, and all attributes with
 *    it, as Git would read files by those that are there.
 * 3. Git writes what is missing. It does not write anew what only has other attributes than before: then nothing is mended.
 *
 * Each step writes down what it found before the next one begins: one that fails, fails the whole.
 */
export const MAKE_NEW = [
  'export LC_ALL=C',
  'list=.git/made-new; mkdir $list',
  `submodules() { git ls-files --stage -z > $list/all; sed -zn 's/^160000 [0-9a-f]* 0.//p' $list/all > $list/submodules; }`,
  "git diff --cached --quiet HEAD -- ':(glob)**/.gitattributes'",
  'chmod 00700 .',
  'find . -mindepth 1 -path ./.git -prune -o -type d ! -perm 755 -exec chmod 00755 {} +',
  "git ls-files -z > $list/index; sed -z 's|^|./|' $list/index | sort -zu > $list/known",
  'find . -mindepth 1 -path ./.git -prune -o ! -type d -print0 > $list/found; sort -z $list/found > $list/there',
  'comm -z -13 $list/known $list/there > $list/strange; xargs -0 -r rm -f -- < $list/strange',
  'submodules; xargs -0 -r rm -rf -- < $list/submodules',
  'find . -mindepth 1 -path ./.git -prune -o -type d -print0 > $list/found; sort -zr $list/found > $list/folders',
  'xargs -0 -r rmdir --ignore-fail-on-non-empty -- < $list/folders',
  'find . -path ./.git -prune -o -type d -exec ls -ld -- {} + > $list/modes',
  "if grep -q '^d.........+' $list/modes; then exit 1; fi",
  'find . -path ./.git -prune -o -name .gitattributes -exec rm -f -- {} +',
  'git diff-files --ignore-submodules=all --name-only -z > $list/changed; xargs -0 -r rm -rf -- < $list/changed',
  'git reset --hard --quiet',
  'submodules',
  `xargs -0 -r sh -e -c 'rm -rf -- "$@"; mkdir -- "$@"' sh < $list/submodules`,
  'find . -path ./.git -prune -o -type d -exec touch -- {} +',
  'rm -r $list',
].join('\n');

/** Says how many files are Git LFS pointers, on a line of its own that begins with this. Costs next to nothing where no attribute names LFS. */
export const POINTERS = 'lfs-pointers';
export const COUNT_POINTERS = [
  "if git grep -q --cached -e 'filter=lfs' -- ':(glob)**/.gitattributes'; then",
  `  echo "${POINTERS} $(git ls-files -z ':(attr:filter=lfs)' | sed -z 's|^|./|' | xargs -0 -r sh -c '`,
  `    find "$@" -maxdepth 0 -type f -size -1025c -exec grep -lZ "^version https://git-lfs.github.com/spec/" {} +' sh | tr -dc '\\000' | wc -c)"`,
  'fi',
].join('\n');
