/**
 * Questions to the server: `/verify/<service>` and introspection (RFC 7662), here against a local server that responds as
 * documented.
 */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Denied, LatchkeyError, Service, Verifier } from "../src/index.js";
import { Issuer } from "./issuer.js";

const GRANTED = {
  subject: "5f9f28b81e27a96bde3e393b1effb7c8",
  scopes: ["read:username", "read:email"],
  username: "Grace",
  email: "grace@example.com",
  device: { assurance: "passkey" },
  auth: { time: 1795262400, methods: ["hwk", "user"] },
};

let server: Issuer;
beforeEach(async () => {
  server = await Issuer.start();
});
afterEach(() => server.stop());

function answer(status: number, body: unknown) {
  const headers = { "retry-after": "2", location: "/" };
  Object.assign(server, { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) });
}

test("verify: a user with access", async () => {
  answer(200, GRANTED);
  const user = await new Service(server.url, "photos", "service-token").verifyUser("a=b; c=d");
  assert.deepEqual(user, {
    subject: GRANTED.subject,
    scopes: new Set(GRANTED.scopes),
    username: "Grace",
    email: "grace@example.com",
    role: undefined,
    assurance: "passkey",
    authTime: 1795262400,
    authMethods: ["hwk", "user"],
  });
  const [{ path, headers } = assert.fail()] = server.requests;
  assert.deepEqual([path, headers.authorization], ["/verify/photos", "Bearer service-token"]);
  assert.deepEqual([headers.cookie, headers["x-original-authorization"]], ["a=b; c=d", undefined]);
});

test("verify: a program with an access token", async () => {
  const times = { issued_at: 1795262400, expires_at: 1795262520 };
  const accepted = { subject: "s1", client_id: "c1", scopes: ["read"], token: { id: "t1", ...times } };
  answer(200, accepted);
  const service = new Service(`${server.url}/`, "a/b?c", "t");
  assert.deepEqual(await service.verifyToken("a.b.c"), {
    subject: "s1",
    clientId: "c1",
    scopes: new Set(["read"]),
    id: "t1",
    issuedAt: 1795262400,
    expiresAt: 1795262520,
    user: undefined,
  });
  const [{ path, headers } = assert.fail()] = server.requests;
  assert.equal(path, "/verify/a%2Fb%3Fc");
  assert.deepEqual([headers.cookie, headers["x-original-authorization"]], [undefined, "Bearer a.b.c"]);
  const request = { proof: "p.p.p", method: "PUT", url: "https://photos.example.com/album" };
  assert.equal((await service.verifyBoundToken("a.b.c", request)).clientId, "c1");
  const bound = server.requests.at(-1)?.headers ?? assert.fail();
  assert.deepEqual(
    [bound["x-original-authorization"], bound.dpop, bound["x-original-method"], bound["x-original-url"]],
    ["DPoP a.b.c", "p.p.p", "PUT", "https://photos.example.com/album"],
  );
  // A token that speaks for a user.
  answer(200, { ...accepted, ...GRANTED });
  const found = await service.verifyToken("a.b.c");
  assert.deepEqual([found.clientId, found.user], ["c1", await service.verifyUser("a=b")]);
  // The response to a cookie is none to a token.
  answer(200, GRANTED);
  await assert.rejects(service.verifyToken("a.b.c"), { code: "unavailable" });
});

test("verify: every denial", async () => {
  const service = new Service(server.url, "photos", "service-token");
  const denial = async () => {
    const denied: unknown = await service.verifyUser("a=b").catch((error: unknown) => error);
    assert(denied instanceof Denied);
    return [denied.code, denied.url, denied.retryAfter];
  };
  const stepUp = { error: "step_up_required", url: "https://login.example.com/login?step_up=1" };
  for (const [status, body, ...expected] of [
    [401, stepUp, "step_up_required", stepUp.url, undefined],
    [401, "User does not have access to this service", "no_access", undefined, undefined],
    [404, "", "unauthenticated", undefined, undefined],
    [404, "Service Not Found!", "service_not_found", undefined, undefined],
    [401, { error: "use_dpop_nonce" }, "use_dpop_nonce", undefined, undefined],
    [429, "", "rate_limited", undefined, 2],
    [503, "", "unavailable", undefined, 2],
    [500, "", "unavailable", undefined, 2],
    [302, "", "unavailable", undefined, undefined],
    [200, "", "unavailable", undefined, undefined],
    [200, [], "unavailable", undefined, undefined],
    [200, { ...GRANTED, auth: null }, "unavailable", undefined, undefined],
    [200, " ".repeat(70_000), "unavailable", undefined, undefined],
  ]) {
    answer(status as number, body);
    assert.deepEqual(await denial(), expected, `${status} ${JSON.stringify(body).slice(0, 40)}`);
  }
  await server.stop();
  assert.deepEqual(await denial(), ["unavailable", undefined, undefined]);
});

test("introspect: the answer decides", async () => {
  for (const [status, body, expected] of [
    [200, { active: true, sub: "x" }, "ok"],
    [200, { active: true, aud: "photos" }, "ok"],
    [200, { active: true, aud: "mail" }, "audience"],
    [200, { active: true, cnf: { jkt: "x" } }, "dpop"],
    [200, { active: false }, "inactive"],
    [200, { active: "true" }, "inactive"],
    [200, { active: 1 }, "inactive"],
    [200, {}, "inactive"],
    [200, [], "inactive"],
    [200, "{", "unavailable"],
    [401, {}, "unavailable"],
    [500, { active: true }, "unavailable"],
  ] as const) {
    answer(status, body);
    const code = await new Verifier(server.url, "photos").introspect("c", "s", "a.b.c").then(
      () => "ok",
      (error: unknown) => (error instanceof LatchkeyError ? error.code : String(error)),
    );
    assert.equal(code, expected, JSON.stringify(body));
  }
});

test("introspect: the request", async () => {
  answer(200, { active: true });
  await new Verifier(server.url, "photos").introspect("client:1", "s e&cret", "a.b.c");
  const [{ path, headers, body } = assert.fail()] = server.requests;
  assert.deepEqual([path, body], ["/oauth/introspect", "token=a.b.c"]);
  assert.match(headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  const pair = Buffer.from(headers.authorization?.slice(6) ?? "", "base64").toString();
  assert.equal(pair, "client%3A1:s+e%26cret");
});
