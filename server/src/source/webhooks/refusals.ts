import { DomainError } from '../../platform/errors.js';
import type { HostWebhook } from '../code-hosts/code-host.js';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import type { HostKind } from '../code-hosts/host-kinds.js';
import type { Verdict } from '../code-hosts/signature.js';

const WHY: Record<HostWebhook['proof'], Record<Exclude<Verdict, 'good'>, string>> = {
  signature: {
    missing: 'This delivery is not signed',
    malformed: 'The signature of this delivery does not have the expected form (HMAC-SHA256)',
    wrong: 'The signature of this delivery does not match its content and the secret of this repository',
  },
  password: {
    missing: 'This delivery carries no password',
    malformed: 'The header "Authorization" of this delivery does not have the expected form (Basic)',
    wrong: 'The password of this delivery is not the secret of this repository',
  },
};

/** Shown at the host, to whoever sets the webhook up. */
export function badSignature(sender: HostKind, verdict: Exclude<Verdict, 'good'>): DomainError {
  const { name, webhook } = CODE_HOSTS[sender];
  return new DomainError(
    'unauthenticated',
    `webhook_signature_${verdict}`,
    `${WHY[webhook.proof][verdict]}, so nothing was done. In ${name}, enter the webhook secret that Slipway shows for the repository in ${webhook.secretField}.`,
  );
}

const NAMES = new Intl.ListFormat('en').format(Object.values(CODE_HOSTS).map(({ name }) => name));

export const unknownSender = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'webhook_sender_unknown',
    `Nothing in this request says which host it comes from, so it can't be checked and nothing was done. Slipway takes webhooks from ${NAMES}. If the host is one of these, say so in the repository's connection.`,
  );

export const unknownAddress = (): DomainError =>
  new DomainError(
    'not_found',
    'webhook_address_unknown',
    "No repository in Slipway has this webhook address. Copy the address from the repository's page again. Repositories that Slipway hosts need no webhook.",
  );
