/** The proofs of possession that were used, in memory. */

import { systemClock, type Clock } from "./keys.js";
import type { MarkUsed } from "./proof.js";

/** A proof is usable for 65 seconds, so this is 1500 requests a second. */
const CAPACITY = 100_000;

/**
 * Remembers proofs in the memory of this process; behind one address there may be one process. If no more can be remembered, requests
 * are refused, because a proof that is not remembered could be used again.
 */
export function usedProofs(clock: Clock = systemClock, capacity = CAPACITY): MarkUsed {
  const used = new Map<string, number>();
  return ({ thumbprint, id, usableUntil }) => {
    if (used.size >= capacity) {
      const now = Math.floor(clock.time());
      for (const [key, until] of used) {
        if (until < now) {
          used.delete(key);
        }
      }
    }
    // A thumbprint has a fixed length.
    const key = thumbprint + id;
    if (used.has(key) || used.size >= capacity) {
      return false;
    }
    used.set(key, usableUntil);
    return true;
  };
}
