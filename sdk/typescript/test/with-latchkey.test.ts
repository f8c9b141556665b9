/** The SDK with a real server: the whole life of a token, from its issue to the server's end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Service, Verifier, withLatchkey } from "../src/index.js";
import * as server from "./latchkey-server.js";

test("the life of a token", { skip: server.skip }, async (life) => {
  const verifier = new Verifier(server.url, "photos");
  const service = new Service(server.internalUrl, ...server.service);
  const otherService = new Service(server.internalUrl, ...server.otherService);
  const introspect = (token: string) => verifier.introspect(...server.client, token);
  let token = await server.issue();

  await life.test("it is accepted", async () => {
    const claims = await verifier.accessToken(token);
    const accepted = await service.verifyToken(token);
    const scopes = new Set([server.scope]);
    assert.deepEqual([claims.subject, claims.scopes], [server.client[0], scopes]);
    assert.deepEqual([accepted.clientId, accepted.scopes], [server.client[0], scopes]);
    assert.deepEqual([claims.id, accepted.id], Array(2).fill((await introspect(token)).jti));
    assert.equal(claims.expiresAt - claims.issuedAt, 120);
  });

  await life.test("others are refused", async () => {
    for (const [forged, code] of [
      [server.expiredToken, "expired"],
      [server.tampered(token, { scope: "everything" }), "signature"],
      [server.unsigned(token), "algorithm"],
      [await server.signedWithThePublicKey(token), "algorithm"],
    ] as const) {
      await assert.rejects(verifier.accessToken(forged), { code });
      await assert.rejects(introspect(forged), { code: "inactive" });
      await assert.rejects(service.verifyToken(forged), { code: "unauthenticated" });
    }
    const mail = new Verifier(server.url, "mail");
    await assert.rejects(mail.accessToken(token), { code: "audience" });
    await assert.rejects(mail.introspect(...server.client, token), { code: "audience" });
    await assert.rejects(otherService.verifyToken(token), { code: "unauthenticated" });
    const keys = `${server.url}/.well-known/jwks.json`;
    const elsewhere = new Verifier("https://login.example.com", "photos", keys);
    await assert.rejects(elsewhere.accessToken(token), { code: "issuer" });
    await assert.rejects(verifier.introspect(server.client[0], "wrong", token), { code: "unavailable" });
  });

  await life.test("a bound token is accepted with a proof", async () => {
    const holder = await server.keyHolder();
    const bound = await holder.issue();
    const origin = "https://photos.example.com";
    const handler = withLatchkey(verifier, (request) => new Response(request.auth.subject), { origin });
    const send = async (scheme: string, dpop: string) => {
      const headers = { authorization: `${scheme} ${bound}`, dpop };
      return (await handler(new Request("http://127.0.0.1/album?page=2", { headers }))).status;
    };
    const proof = await holder.proof("GET", `${origin}/album`, bound);
    assert.equal(await send("DPoP", proof), 200);
    assert.equal(await send("DPoP", proof), 401);
    assert.equal(await send("Bearer", await holder.proof("GET", `${origin}/album`, bound)), 401);
    const thief = await server.keyHolder();
    assert.equal(await send("DPoP", await thief.proof("GET", `${origin}/album`, bound)), 401);
    await assert.rejects(service.verifyToken(bound), { code: "unauthenticated" });
    const asked = { proof: await holder.proof("GET", `${origin}/album`, bound), method: "GET", url: `${origin}/album` };
    await assert.rejects(service.verifyBoundToken(bound, { ...asked, method: "PUT" }), { code: "unauthenticated" });
    assert.equal((await service.verifyBoundToken(bound, asked)).subject, (await verifier.boundToken(bound, asked, () => true)).subject);
    await assert.rejects(service.verifyBoundToken(bound, asked), { code: "unauthenticated" });
  });

  await life.test("a user is verified", async () => {
    const user = await service.verifyUser(server.cookie);
    assert.deepEqual([user.email, user.assurance], ["grace@example.com", "registered"]);
    await assert.rejects(service.verifyUser(`${server.cookie}x`), { code: "unauthenticated" });
    await assert.rejects(otherService.verifyUser(server.cookie), { code: "no_access" });
    const mistaken = new Service(server.internalUrl, "mail", server.service[1]);
    await assert.rejects(mistaken.verifyUser(server.cookie), { code: "service_not_found" });
  });

  await life.test("revocation is noticed by the server only", async () => {
    const revoked = await server.issue();
    await service.verifyToken(revoked);
    await server.revoke(revoked);
    await assert.rejects(service.verifyToken(revoked), { code: "unauthenticated" });
    await assert.rejects(introspect(revoked), { code: "inactive" });
    await verifier.accessToken(revoked);
  });

  // The server reads its keys every ten seconds.
  await life.test("new keys are followed", { timeout: 30_000 }, async () => {
    const old = token;
    server.rotateKeys();
    while (server.headerOf(token).kid === server.headerOf(old).kid) {
      await sleep(100);
      token = await server.issue();
    }
    await verifier.accessToken(token);
    await assert.rejects(verifier.accessToken(old), { code: "key_id" });
  });

  await life.test("an outage is survived", async () => {
    server.stop();
    await verifier.accessToken(token);
    const fresh = new Verifier(server.url, "photos");
    await assert.rejects(fresh.accessToken(token), { code: "keys_unavailable" });
    await assert.rejects(introspect(token), { code: "unavailable" });
    await assert.rejects(service.verifyToken(token), { code: "unavailable" });
  });
});
