/** Requests with a token that is bound to a key, and with proofs of it (RFC 9449). */

import assert from "node:assert/strict";
import { request as send, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";
import express from "express";
import { latchkey, usedProofs, withLatchkey, type Options, type Verifier } from "../src/index.js";
import { Issuer, ManualClock, token, vectors } from "./issuer.js";

const ORIGIN = "https://photos.example.com";
const found = vectors.proofs.find(({ name }) => name === "proof with EdDSA") ?? assert.fail();
const [DPOP, PROOF] = [`DPoP ${found.token}`, found.proof];
const GOOD = token("EdDSA is accepted");
const INVALID_TOKEN = 'Bearer error="invalid_token"';
const INVALID_PROOF = 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"';
const ACCEPTED = 'DPoP algs="EdDSA ES256 RS256"';
const BOTH = `${INVALID_TOKEN}, ${ACCEPTED}`;

/** What is sent as Authorization and DPoP, method and path, the status, and the challenges. The proof is for `GET /album`. */
const CASES: [string, string[], string, string, number, string | null][] = [
  [DPOP, [PROOF], "GET", "/album", 200, null],
  [DPOP, [PROOF], "GET", "/album?page=2", 200, null],
  [DPOP.replace("DPoP", "dpop"), [PROOF], "GET", "/album", 200, null],
  [DPOP, [PROOF], "POST", "/album", 401, INVALID_PROOF],
  [DPOP, [PROOF], "GET", "/", 401, INVALID_PROOF],
  [DPOP, [`${PROOF}x`], "GET", "/album", 401, INVALID_PROOF],
  [DPOP, [], "GET", "/album", 401, BOTH],
  // RFC 9449 §7.2: it must not be downgraded.
  [DPOP.replace("DPoP", "Bearer"), [PROOF], "GET", "/album", 401, BOTH],
  [`DPoP ${GOOD}`, [PROOF], "GET", "/album", 401, BOTH],
  [`Bearer ${GOOD}`, [], "GET", "/album", 200, null],
  ["Basic YTpi", [PROOF], "GET", "/album", 401, `Bearer, ${ACCEPTED}`],
];

let issuer: Issuer;
let verifier: Verifier;
beforeEach(async () => {
  issuer = await Issuer.start();
  verifier = issuer.verifier();
});
afterEach(() => issuer.stop());

type Send = (authorization: string, proofs: string[], method: string, path: string) => Promise<readonly [number, string | null]>;

function viaFetch(options: Options = { origin: `${ORIGIN}/` }): Send {
  const handler = withLatchkey(verifier, (request) => new Response(request.auth.subject), options);
  return async (authorization, proofs, method, path) => {
    const headers = new Headers({ authorization });
    proofs.forEach((proof) => headers.append("dpop", proof));
    // Behind a proxy, the request names another host.
    const response = await handler(new Request(`http://127.0.0.1:8080${path}`, { method, headers }));
    return [response.status, response.headers.get("www-authenticate")] as const;
  };
}

let server: Server;
let middleware: ReturnType<typeof latchkey>;
before(async () => {
  const app = express();
  const router = express.Router();
  router.use((request, response, next) => middleware(request, response, next));
  router.use((request, response) => {
    response.send(request.auth?.subject);
  });
  // The middleware sees the whole path here too.
  app.use("/album", router);
  app.use("/", router);
  await new Promise<void>((done) => (server = app.listen(0, "127.0.0.1", () => done())));
});
after(() => new Promise((done) => server.close(done)));

function viaExpress(options: Options = { origin: `${ORIGIN}/` }): Send {
  middleware = latchkey(verifier, options);
  return async (authorization, proofs, method, path) => {
    const { port } = server.address() as AddressInfo;
    const more = proofs.flatMap((proof) => ["DPoP", proof]);
    const response = await new Promise<IncomingMessage>((done, fail) => {
      const headers = ["Host", "photos", "Authorization", authorization, ...more];
      send({ host: "127.0.0.1", port, path, method, agent: false, headers }, done).on("error", fail).end();
    });
    response.resume();
    const raw = response.rawHeaders;
    const challenges = raw.filter((_, place) => place % 2 === 1 && raw[place - 1]?.toLowerCase() === "www-authenticate");
    return [response.statusCode ?? 0, challenges.length === 0 ? null : challenges.join(", ")] as const;
  };
}

for (const [name, make] of [["Fetch", viaFetch], ["Express", viaExpress]] as const) {
  test(`${name}: a bound token is accepted with a proof for this request alone`, async () => {
    for (const [authorization, proofs, method, path, status, challenge] of CASES) {
      const answer = await make()(authorization, proofs, method, path);
      assert.deepEqual(answer, [status, challenge], `${method} ${path} ${authorization.slice(0, 8)} ${proofs.length}`);
    }
  });

  test(`${name}: a proof is used once, unless the application remembers proofs itself`, async () => {
    const once = make();
    assert.deepEqual(await once(DPOP, [PROOF], "GET", "/album"), [200, null]);
    assert.deepEqual(await once(DPOP, [PROOF], "GET", "/album"), [401, INVALID_PROOF]);
    const seen: string[] = [];
    const own = make({ origin: ORIGIN, markUsed: ({ id }) => seen.push(id) > 0 });
    assert.deepEqual(await own(DPOP, [PROOF], "GET", "/album"), [200, null]);
    assert.deepEqual(await own(DPOP, [PROOF], "GET", "/album"), [200, null]);
    assert.equal(seen.length, 2);
  });

  test(`${name}: without an origin no proof is read`, async () => {
    assert.deepEqual(await make({})(DPOP, [PROOF], "GET", "/album"), [401, "Bearer"]);
    assert.deepEqual(await make({})(DPOP.replace("DPoP", "Bearer"), [], "GET", "/album"), [401, INVALID_TOKEN]);
  });
}

test("Express: two proofs are none", async () => {
  assert.deepEqual(await viaExpress()(DPOP, [PROOF, PROOF], "GET", "/album"), [401, BOTH]);
});

test("no more proofs are accepted than can be remembered", () => {
  const mark = usedProofs(new ManualClock(), 2);
  const use = (id: string, usableUntil: number) => mark({ thumbprint: "x", id, usableUntil });
  const { now } = vectors;
  assert.deepEqual([use("1", now - 1), use("1", now - 1), use("2", now)], [true, false, true]);
  // The first is no longer usable, so there is room for another.
  assert.deepEqual([use("3", now), use("4", now), use("2", now)], [true, false, false]);
});
