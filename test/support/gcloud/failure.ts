/** What makes gcloud end with another code than 0: 2 for words that it does not take, 1 for the rest. */
export class GcloudFailure extends Error {
  readonly code: 1 | 2;

  constructor(code: 1 | 2, message: string) {
    super(message);
    this.code = code;
  }
}
