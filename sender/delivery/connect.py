"""Open a connection as far as MAIL: TCP or unix socket, EHLO, TLS, AUTH. The only module that knows aiosmtplib.

aiosmtplib raises the same error for a connection lost at DATA, in the content and after the dot; so from MAIL on the
transport is our `Session`'s.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)

from sender.delivery import complaints
from sender.delivery.access import RelayAccess
from sender.delivery.session import WINDOW, Session

_MECHANISMS = ("plain", "login", "cram-md5")  # over TLS the simple ones; CRAM-MD5 keeps passwords in clear at the relay


async def connect(access: RelayAccess, window: int = WINDOW) -> Session:
    """A session that is logged in. Raises `Unreachable`, where it may work later, or `SettingsError`."""
    if access.user and access.tls == "none" and not access.local:
        raise complaints.clear_text_login(access)
    context = _context(access)
    client = SMTP(
        hostname=access.host or "localhost",
        port=None if access.socket else access.port,
        socket_path=access.socket,
        local_hostname=access.helo,
        use_tls=access.tls == "implicit",
        start_tls=False,
        tls_context=context,
        timeout=access.timeouts.command,
    )
    try:
        await _open(client, access)
        return _take_over(client, access, window)
    except BaseException:
        client.close()
        raise


def _context(access: RelayAccess) -> ssl.SSLContext | None:
    # Meets: RFC 8314 §3.1, §4.1 (TLS 1.2 or later, certificate and name verified, fail closed)
    if access.tls == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=access.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise complaints.bad_certificate(access, "the file of certificates cannot be read") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _open(client: SMTP, access: RelayAccess) -> None:
    try:
        async with asyncio.timeout(access.timeouts.connect + access.timeouts.greeting):
            await client.connect(timeout=access.timeouts.greeting)
        await _greet(client, access)
        if access.user:
            await _log_in(client, access)
    except (SMTPException, OSError, TimeoutError, ValueError) as error:
        raise _complaint(error, access) from error


async def _greet(client: SMTP, access: RelayAccess) -> None:
    # Meets: RFC 3207 §4.2 (what EHLO said before TLS is forgotten)
    try:
        await client.ehlo()
    except SMTPHeloError as error:
        if access.tls != "none" or access.user or error.code not in {500, 502}:
            raise
        await client.helo()
    if access.tls != "starttls":
        return
    if not client.supports_extension("starttls"):
        raise complaints.no_starttls(access)
    try:
        await client.starttls(timeout=access.timeouts.connect)
    except SMTPResponseException as error:
        raise complaints.no_starttls(access) from error
    await client.ehlo()


async def _log_in(client: SMTP, access: RelayAccess) -> None:
    """One mechanism, chosen once: trying all of them locks accounts."""
    offered = set(client.server_auth_methods)
    mechanism = next((name for name in _MECHANISMS if name in offered), None)
    if mechanism is None:
        raise complaints.no_mechanism(access)
    log_in = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}[mechanism]
    code = 0
    try:
        await log_in(access.user or "", access.password() if access.password else "")
    except SMTPAuthenticationError as error:
        code = error.code  # its text stays behind: relays like to repeat the user's name
    if code == 421:
        raise complaints.unreachable(access, "it closes the connection (answer 421)")
    if code:
        raise complaints.login_refused(access, code)


def _complaint(error: Exception, access: RelayAccess) -> complaints.RelayError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return complaints.bad_certificate(access, cause.verify_message or "the certificate is not valid")
        if isinstance(cause, ssl.SSLError):
            return complaints.bad_certificate(access, cause.reason or "no TLS is spoken there")
        cause = cause.__cause__
    if isinstance(error, SMTPConnectResponseError | SMTPHeloError) and 500 <= error.code <= 599:
        return complaints.refuses_us(access, error.code)
    return complaints.unreachable(access, _how(error))


def _how(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"it answers {error.code}" if error.code > 0 else "it does not speak SMTP"
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, TimeoutError) or "Timeout" in type(error).__name__:
        return "it does not answer in time"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return "it closes the connection"


def _take_over(client: SMTP, access: RelayAccess, window: int) -> Session:
    """Our protocol instead of aiosmtplib's, on the same transport (tried plain, STARTTLS, TLS; asyncio and uvloop)."""
    protocol = client.protocol
    if protocol is None or protocol.transport is None or protocol.transport.is_closing():
        raise complaints.unreachable(access, "it closes the connection")
    if protocol._buffer:
        # Came with the last reply, and answers nothing: whose reply the next one is would be uncertain.
        raise complaints.unreachable(access, "it speaks without being asked")
    transport = cast(asyncio.Transport, protocol.transport)
    offers = {name.upper(): value for name, value in client.esmtp_extensions.items()}
    session = Session(access, offers, access.timeouts, window=window)
    transport.set_protocol(session)
    session.connection_made(transport)  # asyncio does not call it again
    client.protocol = client.transport = None  # its state is stale from here on
    client.close()
    return session
