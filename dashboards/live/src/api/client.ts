import { HubApi, type HubApiError } from '@fieldline/protocol/browser';
import { ClockOffset } from './clock-offset.js';

/** What the hub said no with (RFC 9457), or `unreachable` / `timeout` when it said nothing. */
export { HubApiError as ApiError } from '@fieldline/protocol/browser';

/** The hub's clock, learned from its answers: ages are measured by the clock that stamped the readings. */
export const hubClock = new ClockOffset();

/** Who wants to know that the session is over. One listener: the log-in view. */
let onUnauthorised: () => void = () => {};
export function whenUnauthorised(listener: () => void): void {
  onUnauthorised = listener;
}

const options = {
  url: '', // the hub that the page came from
  fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
  onAnswer: (response: Response, askedAt: number) =>
    hubClock.learn(response.headers.get('date'), askedAt, Date.now()),
};

/** The hub's API, as whoever is logged in. A 401 means that the session is over. */
export const api = new HubApi({
  ...options,
  translate(error: HubApiError): Error {
    if (error.status === 401) onUnauthorised();
    return error;
  },
});

/** The same for logging in: there a 401 is an answer to a question. */
export const entrance = new HubApi(options);
