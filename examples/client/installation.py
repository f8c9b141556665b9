"""What an administrator prepares on the command line: services, clients, users and their access grants."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any


def latchkey(*args: str) -> dict[str, Any]:
    """Runs a command and returns what it prints."""
    print("$ latchkey", *args)
    printed = subprocess.run([os.environ["LATCHKEY_BIN"], "--json", *args], check=True, stdout=subprocess.PIPE)
    return dict(json.loads(printed.stdout))


def add_service(name: str, policy: str, *scopes: str) -> str:
    """Adds a service and returns its token."""
    token = latchkey("service", "add", name)["token"]
    latchkey("service", "tokens", name, "--policy", policy, *_each("--scope", scopes))
    return str(token)


def add_client(name: str, audiences: list[str], scopes: list[str], *args: str) -> tuple[str, str | None]:
    """Adds a client and returns its id and, if it has one, its secret."""
    added = latchkey("client", "add", name, *_each("--audience", audiences), *_each("--scope", scopes), *args)
    return added["client_id"], added.get("client_secret")


def add_user(email: str, service: str, *args: str) -> str:
    """Adds a user who has access to a service; returns the URI for the authenticator app."""
    uri = latchkey("user", "add", email, "--print-totp", *args)["otpauth_uri"]
    latchkey("grant", "add", email, service, "--scope", "read:user-role")
    return str(uri)


def _each(option: str, values: tuple[str, ...] | list[str]) -> list[str]:
    return [part for value in values for part in (option, value)]
