/** Verifies who calls a service that Latchkey protects. */

export { Denied, LatchkeyError, type DenialCode, type ErrorCode } from "./errors.js";
export type { Clock } from "./keys.js";
export {
  IDENTITY_HEADER,
  latchkey,
  requireScope,
  withLatchkey,
  type AuthenticatedRequest,
  type Middleware,
  type Options,
} from "./middleware.js";
export type { BoundRequest, MarkUsed, Proof } from "./proof.js";
export { usedProofs } from "./used-proofs.js";
export { Service, type AcceptedToken, type User } from "./service.js";
export { Claims, Verifier, type Introspection } from "./verifier.js";
