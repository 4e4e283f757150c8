import type { WebhookDeliveryState } from '../../generated/graphql.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { DELIVERY_LOOK } from '../states/looks.ts';

export function DeliveryBadge({ state, size }: { state: WebhookDeliveryState; size?: 'small' | 'large' }) {
  return <StateBadge look={DELIVERY_LOOK[state]} {...(size ? { size } : {})} />;
}
