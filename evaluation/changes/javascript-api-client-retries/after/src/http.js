import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 10_000;
const PAUSES_MS = [500, 2_000, 5_000];

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** A client for one JSON API. */
export function createClient(base, token) {
  async function once(method, path, body) {
    const response = await fetch(new URL(path, base), {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      throw new ApiError(response.status, `${method} ${path} answered ${response.status}`);
    }
    return response.status === 204 ? undefined : response.json();
  }

  async function request(method, path, body) {
    for (const pause of PAUSES_MS) {
      try {
        return await once(method, path, body);
      } catch (error) {
        if (!isTemporary(error)) {
          throw error;
        }
        await sleep(pause);
      }
    }
    return once(method, path, body);
  }

  return {
    get: (path) => request("GET", path),
    post: (path, body) => request("POST", path, body),
    put: (path, body) => request("PUT", path, body),
  };
}

/**
 * Timeouts, broken connections (fetch throws a TypeError with the cause), and
 * what a proxy says while its backend restarts.
 */
function isTemporary(error) {
  if (error instanceof ApiError) {
    return [502, 503, 504].includes(error.status);
  }
  return error.name === "TimeoutError" || (error instanceof TypeError && error.cause !== undefined);
}
