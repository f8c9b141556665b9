/** A local issuer: it serves keys, counts requests, and can fail, hang and stop. */

import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Verifier, type Clock } from "../src/index.js";

interface Case {
  name: string;
  as: "access" | "identity";
  token: string;
  expected: unknown;
}

interface Vectors {
  issuer: string;
  audience: string;
  now: number;
  jwks: { keys: { kty?: string }[] };
  cases: Case[];
  request: { method: string; url: string };
  proofs: { name: string; token: string; proof: string; expected: unknown }[];
}

export const vectors = JSON.parse(
  readFileSync(new URL("../../../vectors.json", import.meta.url), "utf8"),
) as Vectors;
export const KEYS = JSON.stringify(vectors.jwks);

/** The token of the case with this name. */
export function token(name: string): string {
  const found = vectors.cases.find((case_) => case_.name === name);
  if (found === undefined) {
    throw new Error(`no case ${name}`);
  }
  return found.token;
}

/** Stands still until it is told to go on. */
export class ManualClock implements Clock {
  elapsed = 0;
  time = () => vectors.now;
  monotonic = () => 1000 + this.elapsed;
}

export class Issuer {
  status = 200;
  body: string | Uint8Array = KEYS;
  headers: Record<string, string> = {};
  requests: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  /** Responses wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) {
        body += chunk;
      }
      this.requests.push({ path: request.url ?? "", headers: request.headers, body });
      await this.gate;
      response.writeHead(this.status, this.headers).end(this.body);
    });
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await new Promise<void>((done) => issuer.#server.listen(0, "127.0.0.1", done));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A verifier of the vectors' issuer whose keys are here. */
  verifier(clock: Clock = new ManualClock()): Verifier {
    const url = `${this.url}/.well-known/jwks.json`;
    return new Verifier(vectors.issuer, vectors.audience, url, clock);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
