/** A deployment that succeeded at a place, as far as going back depends on it. */
export type Stood = {
  id: string;
  kind: 'deploy' | 'rollback';
  releaseId: string;
  commitSha: string;
  /** Equal for equal configurations. */
  configured: string;
};

const isSame = (a: Stood, b: Stood) => a.releaseId === b.releaseId && a.configured === b.configured;

/**
 * What serves, on top, and below it what each served instead of. A deploy is put on top; a rollback takes off what it left, so that the next one
 * goes on back and does not return to it.
 *
 * @param past oldest first
 */
export function standingOrder(past: readonly Stood[]): Stood[] {
  const stack: Stood[] = [];
  for (const next of past) {
    const from = next.kind === 'rollback' ? 0 : Math.max(0, stack.length - 1);
    const at = stack.findLastIndex((each, index) => index >= from && isSame(each, next));
    if (at >= 0) stack.length = at;
    stack.push(next);
  }
  return stack;
}

/**
 * What a rollback goes back to where nobody names a release: what served before the deployment that is under way, or else before what serves now.
 * Another build of the same commit is passed over as long as there is another commit; when nothing stands below, what is left is what rollbacks
 * have passed over, and last what they left.
 *
 * @param past oldest first
 */
export function wayBack(past: readonly Stood[], isDeploying: boolean): Stood | undefined {
  const stack = standingOrder(past);
  const present = stack.pop();
  if (!present || isDeploying) return present;
  const isOtherBuild = (each: Stood) => each.commitSha === present.commitSha && each.releaseId !== present.releaseId;
  const below = stack.findLast((each) => !isOtherBuild(each)) ?? stack.at(-1);
  if (below) return below;
  const others = past.filter((each) => !isSame(each, present));
  const wasLeft = (other: Stood) => past.some(({ kind }, index) => kind === 'rollback' && past[index - 1]?.releaseId === other.releaseId);
  return others.findLast((each) => !wasLeft(each)) ?? others.at(-1);
}
