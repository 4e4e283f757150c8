/** The job's own fault: what it declares doesn't fit what it made. Ends the attempt as `failed`. */
export class JobFailure extends Error {
  constructor(
    readonly reason:
      | 'artifact_missing'
      | 'artifact_invalid'
      | 'artifact_refused'
      | 'working_directory_missing'
      | 'shell_missing'
      | 'environment_too_large',
    message: string,
  ) {
    super(message);
  }
}

/** A fault of the agent or the network, not of the job: it may be tried again elsewhere. Ends the attempt as `error`. */
export class Infrastructure extends Error {
  constructor(
    readonly reason: 'checkout_failed' | 'artifact_unavailable' | 'artifact_not_stored' | 'sandbox_failed' | 'agent_failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
