/** Requests to Latchkey: short ones, whose responses are small. */

/** How long a request may take, in milliseconds. */
export const TIMEOUT = 3000;
/** The largest response that is read, in bytes. */
const MAX_BYTES = 64 * 1024;

/** A response of any status. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** Returns the address without slashes at the end. Throws for anything but HTTP and HTTPS. */
export function checkUrl(url: string): string {
  if (!/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`not an HTTP address: ${url}`);
  }
  return url.replace(/\/+$/, "");
}

/** Sends a request. Rejects if there is no response, if it redirects, or if it is too large. */
export async function send(
  url: string,
  headers: Record<string, string>,
  body?: URLSearchParams,
): Promise<Answer> {
  const response = await fetch(url, {
    headers,
    ...(body && { method: "POST", body }),
    // Keys and answers come from the configured address alone.
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    length += part.value.length;
    if (length > MAX_BYTES) {
      await reader?.cancel();
      throw new RangeError("the response is too large");
    }
    chunks.push(part.value);
  }
  const whole = new Uint8Array(length);
  let place = 0;
  for (const chunk of chunks) {
    whole.set(chunk, place);
    place += chunk.length;
  }
  return { status: response.status, headers: response.headers, body: whole };
}

/** Reads JSON; `undefined` for anything else. */
export function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
