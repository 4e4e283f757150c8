/** What the control API refuses, with the HTTP status of the answer. */
export class Refused extends Error {
  constructor(
    readonly status: 400 | 404 | 405 | 409 | 413,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
