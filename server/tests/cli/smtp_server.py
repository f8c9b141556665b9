"""A mail server on loopback, which keeps what it accepts as files.

What it does with a recipient is in the local part of the address: `reject` is refused for good, `later` for now,
`slow` is accepted after a minute. It offers STARTTLS and wants a sign-in, if it gets a certificate.
"""

import asyncio
import itertools
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, directory):
        self.directory = Path(directory)
        self.numbers = itertools.count(1)

    async def handle_RCPT(self, server, session, envelope, address, options):
        what = address.split("@")[0]
        if what == "reject":
            return "550 5.1.1 no such user"
        if what == "later":
            return "451 4.7.1 try again later"
        if what == "slow":
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        number = next(self.numbers)
        part = self.directory / f".{number}.part"
        part.write_bytes(envelope.content)
        part.rename(self.directory / f"{number}.eml")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_right = (data.login, data.password) == (b"latchkey", b"s/cret")
    # Not handled: the server sends the response.
    return AuthResult(success=is_right, handled=False)


async def main(directory, certificate=None, key=None):
    options = {"ident": "test"}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        options.update(
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )
    handler = Handler(directory)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
