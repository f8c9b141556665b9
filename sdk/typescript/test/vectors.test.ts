/** Every case of sdk/vectors.json. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LatchkeyError, type Proof, type Verifier } from "../src/index.js";
import { Issuer, token, vectors } from "./issuer.js";

let issuer: Issuer;
let verifier: Verifier;
before(async () => {
  issuer = await Issuer.start();
  verifier = issuer.verifier();
});
after(() => issuer.stop());

test("every case of vectors.json", async () => {
  for (const { name, as, token, expected } of vectors.cases) {
    const verify = as === "access" ? verifier.accessToken(token) : verifier.identityToken(token);
    const found = await verify.then(
      (claims) => claims.all,
      (error: unknown) => {
        assert(error instanceof LatchkeyError, `${name}: ${String(error)}`);
        return error.code;
      },
    );
    assert.deepEqual(found, expected, name);
  }
  assert(vectors.cases.length > 250);
});

test("every proof of vectors.json", async () => {
  for (const { name, token, proof, expected } of vectors.proofs) {
    const found = await verifier.boundToken(token, { ...vectors.request, proof }, () => true).then(
      (claims) => claims.all,
      (error: unknown) => {
        assert(error instanceof LatchkeyError, `${name}: ${String(error)}`);
        return error.code;
      },
    );
    assert.deepEqual(found, expected, name);
  }
  assert(vectors.proofs.length > 90);
});

test("a proof is used once", async () => {
  const case_ = vectors.proofs.find(({ name }) => name === "proof with EdDSA") ?? assert.fail();
  const used: Proof[] = [];
  const verify = () =>
    verifier.boundToken(case_.token, { ...vectors.request, proof: case_.proof }, (proof) => used.push(proof) === 1);
  const claims = await verify();
  const { jkt: thumbprint } = claims.all.cnf as { jkt: string };
  assert.deepEqual(used, [{ thumbprint, id: "EdDSA", usableUntil: vectors.now + 65 }]);
  const wwwAuthenticate = 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"';
  await assert.rejects(verify(), { code: "dpop", wwwAuthenticate });
});

test("claims are typed", async () => {
  const claims = await verifier.accessToken(token("EdDSA is accepted"));
  assert.equal(claims.subject, "5f9f28b81e27a96bde3e393b1effb7c8");
  assert.deepEqual([claims.audience, claims.id], ["photos", "j1"]);
  assert.deepEqual([...claims.scopes], ["photos:read", "photos:write"]);
  assert.deepEqual([claims.issuedAt, claims.expiresAt], [vectors.now, vectors.now + 120]);
  const identity = await verifier.identityToken(token("identity token with ES256"));
  assert.equal(identity.id, undefined);
  const noList = await verifier.accessToken(token('claims with {"scope":["photos:read"]}'));
  assert.equal(noList.scopes.size, 0);
});
