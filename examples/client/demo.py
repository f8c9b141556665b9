"""Plays the life of access tokens against a running Latchkey, step by step: `cargo xtask demo tokens` starts both.

It ends with 0 only if every step went as it says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import forgery
import installation
from narrator import Narrator, Unexpected
from program import Program, Response
from user import User

ISSUER = os.environ["LATCHKEY_URL"]
SERVER = Path(__file__).resolve().parents[1] / "resource" / "server.py"
#: The SDK accepts a token for five more seconds, because clocks differ.
LEEWAY = 5


class Demo:
    """The programs, users and tokens of the demo."""

    def __init__(self) -> None:
        self.narrator = Narrator()
        services = {
            "library": installation.add_service("library", "reusable", "members:read"),
            "payments": installation.add_service("payments", "one_shot"),
            "console": installation.add_service("console", "single_active"),
        }
        self.backup = self.program("Backup", list(services), ["members:read"])
        self.bare = self.program("Bare", ["library"], [])
        self.brief = self.program("Brief", ["library"], ["members:read"], "--lifetime", "1s")
        self.terminal = self.program("Terminal", ["library"], ["members:read", "read:user-role"], "--public")
        self.grace = User(ISSUER, "grace@example.com", installation.add_user("grace@example.com", "library"))
        self.ada = User(ISSUER, "ada@example.com", installation.add_user("ada@example.com", "library", "--admin"))
        self.resource, self.url = start_resource_server(services)
        # Latchkey reads four times a second what commands have changed.
        time.sleep(1)

    def program(self, name: str, audiences: list[str], scopes: list[str], *args: str) -> Program:
        return Program(ISSUER, *installation.add_client(name, audiences, scopes, *args), self.narrator.observe)

    def call(self, expected: int, method: str, path: str, token: str) -> Response:
        """Calls the resource server, and stops unless the status is as expected."""
        response = self.backup.call(method, self.url + path, token)
        self.narrator.expect(response.status, expected)
        return response

    def play(self) -> None:
        step, note = self.narrator.step, self.narrator.note
        print(f"\nLatchkey is at {ISSUER}, the service with members' and administrators' data at {self.url}.")

        step("A program gets a token for itself, with its secret.")
        token = self.backup.token("library", "members:read")

        step("It calls a service, which checks the signature itself and does not ask Latchkey (JWT mode).")
        self.call(200, "GET", "/members", token)

        step("Without a token, nothing is served.")
        self.call(401, "GET", "/members", "")

        step("A token that lives for one second is issued; it is used at the end.")
        brief, issued_at = self.brief.token("library", "members:read"), time.monotonic()

        step("Wrong audience: the token is for the service library, so the service payments refuses it.")
        self.call(401, "POST", "/payments", token)

        step("Missing scope: a token of the right service is not enough for what needs a scope.")
        self.call(403, "GET", "/members", self.bare.token("library"))

        step("Wrong algorithm: a token without a signature, and one signed with the public key as a secret, are refused.")
        for forged in [forgery.unsigned(token), forgery.signed_with_the_public_key(token, ISSUER)]:
            self.call(401, "GET", "/members", forged)
            self.call(401, "GET", "/members/current", forged)

        step("Replay: tokens of the service payments are accepted once (one_shot), so a payment cannot be repeated.")
        payment = self.backup.token("payments")
        self.call(200, "POST", "/payments", payment)
        self.call(401, "POST", "/payments", payment)

        step("Stale: of the tokens of the service console, only the newest is accepted (single_active).")
        older = self.backup.token("console")
        self.call(200, "GET", "/console", older)
        newer = self.backup.token("console")
        self.call(401, "GET", "/console", older)
        self.call(200, "GET", "/console", newer)

        step("A program on a device of a user shows a code, and waits.")
        begun = self.terminal.begin("members:read read:user-role")
        self.narrator.expect(self.terminal.poll(begun["device_code"]).body, {"error": "authorization_pending"})

        step("Grace signs in with her authenticator app, makes a passkey, and approves the code at /activate: the program gets tokens.")
        self.grace.sign_in()
        self.grace.add_passkey()
        self.grace.approve(begun["user_code"])
        time.sleep(begun["interval"])
        tokens = self.terminal.poll(begun["device_code"]).body
        self.call(200, "GET", "/members", tokens["access_token"])

        step("Wrong role: Grace is no administrator, so her token does not open administrators' data.")
        self.call(403, "GET", "/administrators", tokens["access_token"])

        step("The role is the user's: with the same program, Ada, an administrator, reads them.")
        adas = self.tokens_of_ada()
        self.call(200, "GET", "/administrators", adas["access_token"])

        step("The program refreshes: it gets the next access token, and its refresh token is replaced.")
        refreshed = self.terminal.refresh(tokens["refresh_token"]).body
        self.call(200, "GET", "/members/current", refreshed["access_token"])

        step("A refresh token that is used twice may have been stolen: all tokens of that approval end.")
        next_tokens = self.terminal.refresh(adas["refresh_token"])
        self.narrator.expect(next_tokens.status, 200)
        reused = self.terminal.refresh(adas["refresh_token"])
        self.narrator.expect(reused.body, {"error": "invalid_grant"})
        self.call(401, "GET", "/administrators", next_tokens.body["access_token"])

        step("Sign-out, session mode: Grace signs out, and a service that asks Latchkey refuses her token at once.")
        self.grace.sign_out()
        self.call(401, "GET", "/members/current", refreshed["access_token"])

        step("Sign-out, JWT mode: a service that does not ask accepts it until it expires, two minutes at most.")
        self.call(200, "GET", "/members", refreshed["access_token"])
        self.narrator.expect(self.terminal.refresh(refreshed["refresh_token"]).status, 400)

        step("Rate limit: a program that asks too often has to wait.")
        self.ask_too_often()

        step("Expired: the token of one second is refused by now.")
        time.sleep(max(0.0, issued_at + 1 + LEEWAY + 1 - time.monotonic()))
        self.call(401, "GET", "/members", brief)
        self.call(401, "GET", "/members/current", brief)
        note(f"{self.narrator.steps} steps, each as it says.")

    def tokens_of_ada(self) -> dict[str, str]:
        begun = self.terminal.begin("members:read read:user-role")
        self.ada.sign_in()
        self.ada.add_passkey()
        self.ada.approve(begun["user_code"])
        tokens: dict[str, str] = self.terminal.poll(begun["device_code"]).body
        return tokens

    def ask_too_often(self) -> None:
        quiet = Program(ISSUER, self.backup.client_id, self.backup.client_secret, lambda *_: None)
        token = quiet.token("library")
        with ThreadPoolExecutor(8) as threads:
            responses = list(threads.map(lambda _: quiet.call("GET", f"{self.url}/members/current", token), range(200)))
        limited = [response for response in responses if response.status == 429]
        self.narrator.expect(bool(limited), True)
        self.narrator.note(f"{len(responses) - len(limited)} of {len(responses)} requests were served, {len(limited)} were not:")
        self.narrator.observe("GET", "/members/current", "", limited[0])
        self.narrator.expect(limited[0].headers.get("Retry-After") is not None, True)


def start_resource_server(service_tokens: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    """The process and its address."""
    variables = {f"{name.upper()}_SERVICE_TOKEN": token for name, token in service_tokens.items()}
    command = [sys.executable, str(SERVER)]
    process = subprocess.Popen(
        command, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def main() -> int:
    demo = Demo()
    try:
        demo.play()
    except Unexpected as reason:
        print(f"\nNot as it says: {reason}")
        return 1
    finally:
        demo.resource.terminate()
        demo.resource.communicate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
