/** The URL of a request, as the claim `htu` is compared (RFC 9449 §4.3, check 9). */

const URL_PARTS = /^(https?):\/\/(\[[0-9a-f:.]*\]|[^/:]*)(?::([^/]*))?(\/.*)?$/is;
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-F]{2})*$/;
const LABEL = /^[a-z0-9_-]+$/;

/**
 * The URL without query and fragment, normalized by syntax and scheme (RFC 3986 §6.2.2, §6.2.3). `undefined` for what is not one
 * of http or https, and for what two readers could take for two different ones.
 */
export function normalized(url: string): string | undefined {
  const [, scheme, authority, port = "", path = "/"] = URL_PARTS.exec(url.replace(/[?#].*$/s, "")) ?? [];
  if (scheme === undefined || authority === undefined) {
    return undefined;
  }
  const host = normalizedHost(authority.toLowerCase());
  const segments = normalizedPath(path);
  const isPort = port === "" || (/^[1-9][0-9]*$/.test(port) && Number(port) <= 65535);
  if (host === undefined || segments === undefined || !isPort) {
    return undefined;
  }
  const isDefault = port === "" || port === (scheme.toLowerCase() === "https" ? "443" : "80");
  return `${scheme.toLowerCase()}://${host}${isDefault ? "" : `:${port}`}${segments}`;
}

function normalizedHost(host: string): string | undefined {
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  if (host.startsWith("[") || /^(?:0x.*|[0-9]+)$/.test(last)) {
    // An address, which counts in one form only; for IPv6, the URL Standard's is that of RFC 5952.
    const address = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : undefined;
    return host.startsWith("[") || address === host ? address : undefined;
  }
  return labels.every((label) => LABEL.test(label)) ? host : undefined;
}

/** The path without dot segments (RFC 3986 §5.2.4). */
function normalizedPath(path: string): string | undefined {
  const kept: string[] = [];
  const segments = path.slice(1).split("/").map(unescapeUnreserved);
  for (const [place, segment] of segments.entries()) {
    const isLast = place + 1 === segments.length;
    // Some servers merge slashes. The last segment is empty if the path ends with one.
    if (!SEGMENT.test(segment) || (segment === "" && !isLast)) {
      return undefined;
    }
    if (segment === "..") {
      // What is removed must be plain: for servers that unescape first, `a%2Fb/..` is `a/`.
      const removed = kept.pop();
      if (removed === undefined || !UNRESERVED.test(removed)) {
        return undefined;
      }
    }
    if (segment !== "." && segment !== "..") {
      kept.push(segment);
    } else if (isLast) {
      kept.push("");
    }
  }
  return `/${kept.join("/")}`;
}

function unescapeUnreserved(segment: string): string {
  return segment.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
}
