import { MIRROR_LOOK } from '../../domain/looks.ts';
import type { MirrorGlanceFragment } from '../../generated/graphql.ts';
import { StateBadge, type StateLook } from '../../ui/StateBadge.tsx';
import { shortReason } from './stale.ts';

type MirrorBadgeProps = { mirror: MirrorGlanceFragment | null | undefined; detailed?: boolean; size?: 'small' | 'large' };

/** How the mirror of an external repository stands; nothing to say of hosted ones. `detailed`: with why it is stale. */
export function MirrorBadge({ mirror, detailed = false, size = 'small' }: MirrorBadgeProps) {
  if (!mirror) return null;
  const detail = detailed && mirror.state === 'STALE' && mirror.error ? shortReason(mirror.error.code) : null;
  return <StateBadge look={mirrorLook(mirror)} detail={detail} size={size} />;
}

/** A mirror that was never fetched can't be stale. */
export function mirrorLook({ state, fetchedAt }: MirrorGlanceFragment): StateLook {
  return state === 'STALE' && !fetchedAt ? { ...MIRROR_LOOK.STALE, word: 'Not fetched yet' } : MIRROR_LOOK[state];
}
