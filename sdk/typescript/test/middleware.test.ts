/** Requests that reach the handler, and responses to those that do not. */

import assert from "node:assert/strict";
import { get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";
import express from "express";
import {
  IDENTITY_HEADER,
  latchkey,
  requireScope,
  withLatchkey,
  type Options,
  type Verifier,
} from "../src/index.js";
import { Issuer, token } from "./issuer.js";

const GOOD = `Bearer ${token("EdDSA is accepted")}`;
const IDENTITY = token("identity token with ES256");
const INVALID = 'Bearer error="invalid_token"';
const SUBJECT = "5f9f28b81e27a96bde3e393b1effb7c8";
const NEEDS_ADMIN = 'Bearer error="insufficient_scope", scope="photos:admin"';

/** What is sent as Authorization, the status, and the challenge. */
const CASES: [string[], number, string | null][] = [
  [[GOOD], 200, null],
  [[GOOD.replace("Bearer", "bEARER")], 200, null],
  [[], 401, "Bearer"],
  [[""], 401, "Bearer"],
  [["Bearer"], 401, "Bearer"],
  [["Bearer "], 401, "Bearer"],
  [[GOOD.replace(" ", "  ")], 401, "Bearer"],
  [[GOOD.replace("Bearer", "DPoP")], 401, "Bearer"],
  [["Basic YTpi"], 401, "Bearer"],
  [[`${GOOD}, ${GOOD}`], 401, "Bearer"],
  [[GOOD, GOOD], 401, "Bearer"],
  [["Bearer abc"], 401, INVALID],
  [[`Bearer ${IDENTITY}`], 401, INVALID],
  [[`Bearer ${token("exp 5 s ago")}`], 401, INVALID],
  [[`Bearer ${token("EdDSA with a changed signature")}`], 401, INVALID],
];

let issuer: Issuer;
let verifier: Verifier;
beforeEach(async () => {
  issuer = await Issuer.start();
  verifier = issuer.verifier();
});
afterEach(() => issuer.stop());

async function viaFetch(values: string[], options: Options = {}, path = "/", name = "authorization") {
  const handler = withLatchkey(
    verifier,
    (request, suffix: string) => {
      if (new URL(request.url).pathname === "/admin") {
        request.auth.require("photos:admin");
      }
      return new Response(request.auth.subject + suffix);
    },
    options,
  );
  const headers = new Headers();
  values.forEach((value) => headers.append(name, value));
  const response = await handler(new Request(`https://photos.example.com${path}`, { headers }), "!");
  return [response.status, response.headers.get("www-authenticate"), await response.text()] as const;
}

test("Fetch: the authorization header decides", async () => {
  for (const [values, status, challenge] of CASES) {
    const expected = [status, challenge, status === 200 ? `${SUBJECT}!` : ""];
    assert.deepEqual(await viaFetch(values), expected, values.join());
  }
});

test("Fetch: a scope is required by the wrapper or the handler", async () => {
  assert.equal((await viaFetch([GOOD], { scope: "photos:read" }))[0], 200);
  const codes: string[] = [];
  const options: Options = { scope: "photos:admin", onRefused: (error) => codes.push(error.code) };
  assert.deepEqual(await viaFetch([GOOD], options), [403, NEEDS_ADMIN, ""]);
  assert.deepEqual(await viaFetch([GOOD], {}, "/admin"), [403, NEEDS_ADMIN, ""]);
  assert.deepEqual(codes, ["insufficient_scope"]);
});

test("Fetch: the identity token of a proxy", async () => {
  const options = { identityHeader: IDENTITY_HEADER };
  assert.equal((await viaFetch([IDENTITY], options, "/", IDENTITY_HEADER))[0], 200);
  assert.equal((await viaFetch([GOOD], options))[1], "Bearer");
  assert.equal((await viaFetch([GOOD.slice(7)], options, "/", IDENTITY_HEADER))[1], INVALID);
  assert.equal((await viaFetch([IDENTITY, IDENTITY], options, "/", IDENTITY_HEADER))[1], INVALID);
});

test("Fetch: without keys the service is unavailable, and other errors are the handler's", async () => {
  issuer.status = 500;
  assert.deepEqual(await viaFetch([GOOD]), [503, null, ""]);
  issuer.status = 200;
  const failing = withLatchkey(issuer.verifier(), () => {
    throw new RangeError("mine");
  });
  const request = new Request("https://photos.example.com", { headers: { authorization: GOOD } });
  await assert.rejects(failing(request), RangeError);
});

let server: Server;
before(async () => {
  const app = express();
  // Express logs errors of handlers except in tests.
  app.set("env", "test");
  const subject = (request: express.Request, response: express.Response) => {
    response.send(request.auth?.subject);
  };
  app.get("/open/admin", requireScope("photos:admin"), subject);
  app.get("/identity", (...args) => latchkey(verifier, { identityHeader: IDENTITY_HEADER })(...args), subject);
  app.use((...args) => latchkey(verifier)(...args));
  app.get("/", subject);
  app.get("/read", requireScope("photos:read"), subject);
  app.get("/admin", requireScope("photos:admin"), subject);
  app.get("/throws", (request: express.Request) => request.auth?.require("photos:admin"));
  await new Promise<void>((done) => (server = app.listen(0, "127.0.0.1", () => done())));
});
after(() => new Promise((done) => server.close(done)));

async function viaExpress(path: string, values: string[], name = "Authorization") {
  const { port } = server.address() as AddressInfo;
  const headers = values.flatMap((value) => [name, value]);
  const response = await new Promise<IncomingMessage>((done, fail) => {
    const options = { host: "127.0.0.1", port, path, agent: false as const };
    get({ ...options, headers: ["Host", "photos", ...headers] }, done).on("error", fail);
  });
  const body = (await response.toArray()).join("");
  return [response.statusCode, response.headers["www-authenticate"] ?? null, body] as const;
}

test("Express: the authorization header decides", async () => {
  for (const [values, status, challenge] of CASES) {
    const expected = [status, challenge, status === 200 ? SUBJECT : ""];
    assert.deepEqual(await viaExpress("/", values), expected, values.join());
  }
});

test("Express: a scope is required by middleware or the handler", async () => {
  assert.equal((await viaExpress("/read", [GOOD]))[0], 200);
  assert.deepEqual(await viaExpress("/admin", [GOOD]), [403, NEEDS_ADMIN, ""]);
  assert.deepEqual((await viaExpress("/throws", [GOOD])).slice(0, 2), [403, NEEDS_ADMIN]);
  assert.deepEqual(await viaExpress("/open/admin", [GOOD]), [401, "Bearer", ""], "not behind latchkey()");
});

test("Express: the identity token of a proxy, and no keys", async () => {
  assert.equal((await viaExpress("/identity", [IDENTITY], IDENTITY_HEADER))[0], 200);
  assert.equal((await viaExpress("/identity", [IDENTITY, IDENTITY], IDENTITY_HEADER))[1], "Bearer");
  assert.equal((await viaExpress("/identity", [GOOD]))[1], "Bearer");
  verifier = issuer.verifier();
  issuer.status = 500;
  assert.deepEqual(await viaExpress("/", [GOOD]), [503, null, ""]);
});
