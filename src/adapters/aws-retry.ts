import { isClockSkewCorrectedError, StandardRetryStrategy } from "@smithy/core/retry";

type Token = Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>[0];
type Refusal = Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>[1];

/**
 * For writes: only what was throttled, or signed by a clock that is set right now, is sent again, because it was not
 * looked at. Whether anything else took effect is not known, and `CreateRole` sent twice finds its own role in the way.
 */
export class ThrottledOnly extends StandardRetryStrategy {
  override refreshRetryTokenForRetry(
    token: Token,
    refusal: Refusal,
  ): ReturnType<StandardRetryStrategy["refreshRetryTokenForRetry"]> {
    const { errorType, error } = refusal;
    if (errorType === "THROTTLING" || isClockSkewCorrectedError(error as never) === true)
      return super.refreshRetryTokenForRetry(token, refusal);
    return Promise.reject(new Error("a write is sent once"));
  }
}
