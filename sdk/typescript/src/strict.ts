/** Readers that accept one spelling of everything: what two readers could read differently is refused. */

import { base64url } from "jose";

/** How deep objects and lists may be nested. */
const MAX_DEPTH = 127;

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]|-?[0-9][0-9.eE+-]*/g;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Decodes base64url without padding; spare bits must be zero (RFC 4648 §3.5). Throws otherwise. */
export function decodeBase64url(text: unknown): Uint8Array {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) {
    throw new SyntaxError("not base64url");
  }
  const decoded = base64url.decode(text);
  if (base64url.encode(decoded) !== text) {
    throw new SyntaxError("spare bits are not zero");
  }
  return decoded;
}

/** Reads a JSON object without duplicate members at any depth. Throws otherwise. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) {
    throw new SyntaxError("not an object");
  }
  checkTokens(text);
  return value;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Looks for what `JSON.parse` accepts and other readers do not; the text is JSON. */
function checkTokens(text: string): void {
  // The names of each object around the token; `undefined` for a list.
  const around: (Set<string> | undefined)[] = [];
  let isNameNext = false;
  for (const [token] of text.matchAll(TOKENS)) {
    switch (token[0]) {
      case "{":
      case "[":
        around.push(token === "{" ? new Set() : undefined);
        if (around.length > MAX_DEPTH) {
          throw new SyntaxError("too deep");
        }
        isNameNext = token === "{";
        break;
      case "}":
      case "]":
        around.pop();
        isNameNext = false;
        break;
      case ",":
        isNameNext = around.at(-1) !== undefined;
        break;
      case '"': {
        const string = JSON.parse(token) as string;
        if (LONE_SURROGATE.test(string)) {
          throw new SyntaxError("half of a character");
        }
        const names = around.at(-1);
        if (isNameNext && names !== undefined) {
          if (names.has(string)) {
            throw new SyntaxError("a member comes twice");
          }
          names.add(string);
          isNameNext = false;
        }
        break;
      }
      default:
        if (!Number.isFinite(Number(token))) {
          throw new SyntaxError("a number is too large");
        }
    }
  }
}
