// Asking the server: phrases travel in bodies, never in addresses.

/** The server answered with a problem. */
export class Problem extends Error {
  constructor(body, status, retryAfter) {
    super(body.detail || body.title || `status ${status}`);
    this.body = body;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The server did not answer, or is too busy to. */
export class Unavailable extends Error {
  constructor(message, retryAfterSeconds) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, { cache: "no-store", credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unavailable("The server does not answer.", 2);
  }
  if (response.ok) return response.json();
  const retryAfter = Number(response.headers.get("retry-after")) || 2;
  if ([502, 503, 504].includes(response.status)) {
    const busy = response.status === 503;
    throw new Unavailable(busy ? "The server is busy." : "The server took too long.", retryAfter);
  }
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy's error page says no more than its status.
  }
  throw new Problem(body, response.status, retryAfter);
}

/** Searches; `question` is the body of POST /v1/search. */
export function search(question, signal) {
  return ask("/v1/search", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
    signal,
  });
}

/** Everything known of a code on a day. */
export function code(system, text, date, signal) {
  const path = `/v1/codes/${encodeURIComponent(system)}/${encodeURIComponent(text)}`;
  return ask(`${path}?date=${date}`, { signal });
}

/** The releases loaded, and which answer on a day. */
export function releases(date) {
  return ask(`/v1/releases?date=${date}`, {});
}
