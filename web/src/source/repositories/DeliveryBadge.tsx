import { DELIVERY_LOOK } from '../../domain/looks.ts';
import type { WebhookDeliveryState } from '../../generated/graphql.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';

export function DeliveryBadge({ state, size }: { state: WebhookDeliveryState; size?: 'small' | 'large' }) {
  return <StateBadge look={DELIVERY_LOOK[state]} {...(size ? { size } : {})} />;
}
