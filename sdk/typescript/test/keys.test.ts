/** When keys are fetched, and what happens when they cannot be. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { LatchkeyError, type Verifier } from "../src/index.js";
import { Issuer, KEYS, ManualClock, token, vectors } from "./issuer.js";

const GOOD = token("EdDSA is accepted");
const WITH_ES256 = token("ES256 is accepted");
const UNKNOWN = token("key id of no key");

let issuer: Issuer;
let clock: ManualClock;
let verifier: Verifier;

beforeEach(async () => {
  issuer = await Issuer.start();
  clock = new ManualClock();
  verifier = issuer.verifier(clock);
});
afterEach(() => issuer.stop());

async function code(token: string): Promise<string> {
  return verifier.accessToken(token).then(
    () => "ok",
    (error: unknown) => (error instanceof LatchkeyError ? error.code : String(error)),
  );
}

function without(kind: string): string {
  return JSON.stringify({ keys: vectors.jwks.keys.filter((key) => key.kty !== kind) });
}

test("keys are fetched at first use and every five minutes", async () => {
  assert.equal(issuer.requests.length, 0);
  for (const [elapsed, fetches] of [[0, 1], [299, 1], [300, 2], [599, 2], [601, 3]] as const) {
    clock.elapsed = elapsed;
    assert.equal(await code(GOOD), "ok");
    assert.equal(issuer.requests.length, fetches);
  }
});

test("a new key is found at once, and a removed one is gone within five minutes", async () => {
  issuer.body = without("OKP");
  assert.equal(await code(WITH_ES256), "ok");
  issuer.body = without("EC");
  assert.deepEqual([await code(GOOD), issuer.requests.length], ["ok", 2]);
  assert.equal(await code(WITH_ES256), "key_id");
  issuer.body = without("OKP");
  clock.elapsed = 301;
  assert.equal(await code(GOOD), "key_id");
});

test("forged key ids cause one fetch in thirty seconds", async () => {
  assert.equal(await code(GOOD), "ok");
  for (const [elapsed, fetches] of [[0, 2], [29, 2], [30, 3], [59, 3], [60, 4]] as const) {
    clock.elapsed = elapsed;
    const codes = await Promise.all(Array.from({ length: 20 }, () => code(UNKNOWN)));
    assert.deepEqual(codes, Array(20).fill("key_id"));
    assert.equal(await code(UNKNOWN), "key_id");
    assert.equal(issuer.requests.length, fetches);
  }
});

test("tokens without a key id or with a broken form cause no fetch", async () => {
  for (const name of ["no key id", "encoding: padding of the signature", "encoding: 8193 bytes"]) {
    assert.notEqual(await code(token(name)), "ok");
  }
  assert.equal(issuer.requests.length, 0);
});

test("an outage is survived for a day", async () => {
  assert.equal(await code(GOOD), "ok");
  await issuer.stop();
  for (const elapsed of [301, 302, 3600, 86_399]) {
    clock.elapsed = elapsed;
    assert.equal(await code(GOOD), "ok");
  }
  clock.elapsed = 86_400;
  assert.equal(await code(GOOD), "keys_unavailable");
});

test("during an outage one fetch in thirty seconds is tried", async () => {
  assert.equal(await code(GOOD), "ok");
  issuer.status = 500;
  for (const [elapsed, fetches] of [[300, 2], [301, 2], [329, 2], [330, 3]] as const) {
    clock.elapsed = elapsed;
    assert.deepEqual([await code(GOOD), issuer.requests.length], ["ok", fetches]);
  }
  issuer.status = 200;
  clock.elapsed = 360;
  assert.deepEqual([await code(GOOD), issuer.requests.length], ["ok", 4]);
});

test("without keys every token is refused until there are some", async () => {
  const tooLarge = KEYS + " ".repeat(65536);
  const bad = [[503, KEYS], [302, KEYS], [200, "{}"], [200, "[]"], [200, "\xff{"], [200, tooLarge]] as const;
  issuer.headers = { location: "/elsewhere" };
  for (const [place, [status, body]] of bad.entries()) {
    Object.assign(issuer, { status, body });
    clock.elapsed = place;
    assert.equal(await code(GOOD), "keys_unavailable");
    assert.equal(await code(GOOD), "keys_unavailable");
    assert.equal(issuer.requests.length, place + 1);
  }
  Object.assign(issuer, { status: 200, body: KEYS });
  clock.elapsed = bad.length;
  assert.equal(await code(GOOD), "ok");
});

test("concurrent callers share one fetch", async () => {
  let open = () => {};
  issuer.gate = new Promise((done) => (open = done));
  const codes = Promise.all(Array.from({ length: 32 }, () => code(GOOD)));
  setTimeout(open, 100);
  assert.deepEqual(await codes, Array(32).fill("ok"));
  assert.equal(issuer.requests.length, 1);
});

test("an issuer that does not respond is given up after three seconds", async () => {
  let open = () => {};
  issuer.gate = new Promise((done) => (open = done));
  const start = performance.now();
  assert.equal(await code(GOOD), "keys_unavailable");
  const took = performance.now() - start;
  assert(took > 2500 && took < 4500, `${took} ms`);
  open();
});
