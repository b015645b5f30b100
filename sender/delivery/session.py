"""One conversation with the relay, MAIL to dot, on a transport that `connect` opened.

At each moment it knows whether the relay can have taken the letter: not before the final dot was handed to the
transport; perhaps from then on, until its reply comes. Under TLS an empty write buffer proves nothing, so what was
handed over counts as gone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import cast

from sender.delivery.access import Timeouts
from sender.delivery.complaints import refuses_sender, unfit
from sender.delivery.replies import Garbage, Reader, Reply, Stage, blames_sender, broken, classify
from sender.model import Answer, Letter, Outcome

BLOCK = 64 * 1024
_QUIT_SECONDS = 5.0
_FORBIDDEN = frozenset("<> \x7f" + "".join(map(chr, range(32))))

Command = tuple[Stage, bytes]


class Untouched(Exception):  # noqa: N818  not an error of a person's
    """The connection was gone before anything of this letter was on the wire."""


class _Broken(Exception):  # noqa: N818
    """No reply will come."""


class Session(asyncio.Protocol):
    """Sends letters one after the other. ``extensions``: what EHLO offered, upper case, with parameters.

    Replies are matched to commands in a queue, in the order in which the commands were written. Once `alive` is
    false it stays false.
    """

    def __init__(self, relay: object, extensions: Mapping[str, str], timeouts: Timeouts) -> None:
        self._relay = relay
        self._offers = extensions
        self._timeouts = timeouts
        self._transport: asyncio.Transport | None = None
        self._reader = Reader()
        self._waiting: deque[asyncio.Future[Reply]] = deque()
        self._why = ""
        self._writable = asyncio.Event()
        self._writable.set()
        self._clean = True  # no envelope of an earlier letter can be left at the relay
        self.proven = False  # the relay has taken a recipient of ours
        self.sent = 0
        self.idle_since = 0.0

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.idle_since = asyncio.get_running_loop().time()

    def data_received(self, data: bytes) -> None:
        if self._why:
            return
        try:
            for reply in self._reader.feed(data):
                self._match(reply)
        except Garbage:
            self.abort("the relay sent something that is no reply")

    def _match(self, reply: Reply) -> None:
        if not self._waiting:
            self.abort("the relay spoke without being asked")  # mostly 421: it is about to close
            return
        future = self._waiting.popleft()
        if not future.done():
            future.set_result(reply)

    def eof_received(self) -> bool:
        self.abort("the relay closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end("the connection was lost")

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # --- its life

    @property
    def alive(self) -> bool:
        return not self._why and self._transport is not None and not self._transport.is_closing()

    def abort(self, why: str) -> None:
        """Close at once. What was written but has no reply will have none."""
        self._end(why)
        if self._transport:
            self._transport.abort()

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._writable.set()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(_Broken(self._why))
                future.exception()  # somebody may have stopped waiting: it is no unseen error

    async def quit(self) -> None:
        """Take leave politely; whatever goes wrong now changes nothing."""
        # Meets: HOUSE 23 (a failure at QUIT, after the final 250, is success)
        try:
            if self.alive:
                await self._answer(Stage.QUIT, self._write([(Stage.QUIT, b"QUIT\r\n")])[0])
        except _Broken:
            pass
        finally:
            self._end("we closed the connection")
            if self._transport:
                self._transport.close()

    # --- one letter

    async def send(self, letter: Letter) -> Answer:
        """Hand one letter over.

        Raises `Untouched` where nothing of it was on the wire, `RelayRefusesSender` where the relay's no is about us.
        """
        _demand_fit(letter)
        if refusal := self._beyond_relay(letter):
            return refusal
        if not self.alive:
            raise Untouched(self._why)
        try:
            answer = await self._hand_over(letter)
        except BaseException:
            if self._waiting:  # cancelled in the middle: nobody will read these replies
                self.abort("given up")
            raise
        self.idle_since = asyncio.get_running_loop().time()
        self.sent += 1
        self._clean = answer.outcome is Outcome.ACCEPTED
        if answer.code in {421, 503}:
            self.abort("the relay closes the connection" if answer.code == 421 else "the dialogue went wrong")
        return answer

    async def _hand_over(self, letter: Letter) -> Answer:
        envelope = self._envelope(letter)
        together = "PIPELINING" in self._offers
        if not self._clean and not together:
            await self._reset()
        ended = await (self._ask_together(envelope) if together else self._ask_in_turn(envelope))
        return ended or await self._content(_stuffed(letter.content))

    def _envelope(self, letter: Letter) -> list[Command]:
        # Meets: RFC 1870 §6, RFC 6152 §2, RFC 6531 §3.4 (parameters only where the relay offers them)
        options = f" SIZE={len(letter.content)}" if "SIZE" in self._offers else ""
        utf8 = _needs_utf8(letter)
        if "8BITMIME" in self._offers and (utf8 or not letter.content.isascii()):
            options += " BODY=8BITMIME"
        options += " SMTPUTF8" if utf8 else ""
        return [
            (Stage.MAIL, f"MAIL FROM:<{letter.sender}>{options}\r\n".encode()),
            (Stage.RCPT, f"RCPT TO:<{letter.recipient}>\r\n".encode()),
            (Stage.DATA, b"DATA\r\n"),
        ]

    def _beyond_relay(self, letter: Letter) -> Answer | None:
        """What the relay said at EHLO that it cannot take: no need to try."""
        limit = self._offers.get("SIZE", "").strip()
        if limit.isdecimal() and 0 < int(limit) < len(letter.content):
            return _cannot("5.3.4", "larger than the relay takes")
        utf8 = _needs_utf8(letter)
        # Meets: RFC 6531 §3.2 (no downgrade of local parts: this recipient fails)
        if utf8 and "SMTPUTF8" not in self._offers:
            return _cannot("5.6.7", "the relay takes no addresses beyond ASCII (SMTPUTF8)")
        if not letter.content.isascii() and "8BITMIME" not in self._offers:
            return _cannot("5.6.3", "the relay takes no 8-bit content (8BITMIME)")
        return None

    async def _reset(self) -> None:
        try:
            reply = await self._answer(Stage.RSET, self._write([(Stage.RSET, b"RSET\r\n")])[0])
        except _Broken as error:
            raise Untouched(str(error)) from error
        if not reply.positive:
            self.abort("the relay refused RSET")
            raise Untouched(self._why)

    async def _ask_in_turn(self, envelope: Sequence[Command]) -> Answer | None:
        """One command at a time; an answer where the letter ends before its content, None after 354."""
        for stage, command in envelope:
            try:
                reply = await self._answer(stage, self._write([(stage, command)])[0])
            except _Broken as error:
                return broken(stage, str(error))
            if not _goes_on(stage, reply):
                return self._no(stage, reply)
        return None

    async def _ask_together(self, envelope: Sequence[Command]) -> Answer | None:
        """All commands in one write, RSET first.

        After a refused RCPT Postfix 3.7 answers the next MAIL with 503 and takes content under the old envelope.
        """
        # Meets: RFC 2920 §3.1 (every reply is read; the group ends with DATA)
        group = [(Stage.RSET, b"RSET\r\n"), *envelope]
        ended: tuple[Stage, Reply] | None = None
        reply = Reply(0)
        for (stage, _), future in zip(group, self._write(group), strict=True):
            try:
                reply = await self._answer(stage, future)
            except _Broken as error:
                return self._no(*ended) if ended else broken(stage, str(error))
            if ended is None and not _goes_on(stage, reply):
                ended = stage, reply
        if ended is None:
            return None
        if reply.code == 354:
            self._leave_data(ended[0])
        return self._no(*ended)

    def _leave_data(self, refused: Stage) -> None:
        """The relay waits for content of a letter that it refused: a lone dot where no recipient stands, and away."""
        if refused is Stage.RCPT and self._transport:
            self._transport.write(b".\r\n")
            self._end("the relay wanted content after a refused recipient")
            self._transport.close()
        else:
            self.abort("the relay wanted content after it refused the sender")

    def _no(self, stage: Stage, reply: Reply) -> Answer:
        self._clean = False
        if stage in {Stage.RSET, Stage.DATA} and not 400 <= reply.code <= 599:
            self.abort("the relay answers out of turn")
        if blames_sender(stage, reply, proven=self.proven):
            raise refuses_sender(self._relay, reply.code, stage.value)
        if stage is Stage.RSET:
            self.abort("the relay refused RSET")
            return broken(stage, "the relay refused RSET")
        return classify(stage, reply)

    async def _content(self, content: bytes) -> Answer:
        """The content in blocks, the dot in the last; before that block is written the letter cannot be taken."""
        self.proven = True
        last = max(0, (len(content) - 1) // BLOCK) * BLOCK
        for start in range(0, last, BLOCK):
            if not await self._block(content[start : start + BLOCK]):
                return broken(Stage.CONTENT, self._why)
        if not self.alive:
            return broken(Stage.CONTENT, self._why or "the connection was lost")
        try:
            reply = await self._answer(Stage.DOT, self._write([(Stage.DOT, content[last:])])[0])
        except _Broken as error:
            return broken(Stage.DOT, str(error))
        answer = classify(Stage.DOT, reply)
        if answer.outcome is Outcome.UNKNOWN:
            self.abort("the relay answers out of turn")
        return answer

    async def _block(self, block: bytes) -> bool:
        """False where the relay went away or spoke before the dot: it can have taken nothing."""
        if not self.alive or self._transport is None:
            return False
        self._transport.write(block)
        try:
            await asyncio.wait_for(self._writable.wait(), self._timeouts.content)
        except TimeoutError:
            self.abort("the relay stopped reading")
        return self.alive

    # --- the wire

    def _write(self, group: Sequence[Command]) -> list[asyncio.Future[Reply]]:
        if not self.alive or self._transport is None:
            raise _Broken(self._why or "the connection was lost")
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Reply]] = [loop.create_future() for _ in group]
        self._waiting.extend(futures)
        self._transport.write(b"".join(command for _, command in group))
        return futures

    async def _answer(self, stage: Stage, future: asyncio.Future[Reply]) -> Reply:
        try:
            return await asyncio.wait_for(future, self._seconds(stage))
        except TimeoutError:
            self.abort("the relay did not answer in time")
            raise _Broken(self._why) from None

    def _seconds(self, stage: Stage) -> float:
        # Meets: RFC 5321 §4.5.3.2
        if stage is Stage.QUIT:
            return min(_QUIT_SECONDS, self._timeouts.command)
        return {Stage.DATA: self._timeouts.data, Stage.DOT: self._timeouts.dot}.get(stage, self._timeouts.command)


def _goes_on(stage: Stage, reply: Reply) -> bool:
    return reply.code == 354 if stage is Stage.DATA else reply.positive


def _needs_utf8(letter: Letter) -> bool:
    return letter.smtputf8 or not (letter.sender.isascii() and letter.recipient.isascii())


def _cannot(enhanced: str, why: str) -> Answer:
    return Answer(Outcome.REFUSED, enhanced=enhanced, text=why, stage=Stage.MAIL.value)


def _demand_fit(letter: Letter) -> None:
    # Meets: RFC 5321 §2.3.8, §4.1.1.4 (CR and LF only together: anything else lets one message be read as two)
    ends = letter.content.count(b"\r\n")
    if letter.content.count(b"\n") != ends or letter.content.count(b"\r") != ends:
        raise unfit("a bare CR or LF in its content")
    if not letter.recipient or not _FORBIDDEN.isdisjoint(letter.sender + letter.recipient):
        raise unfit("an address that would change the command")


def _stuffed(content: bytes) -> bytes:
    """The content as it goes over the wire, final dot included."""
    # Meets: RFC 5321 §4.5.2
    body = content.replace(b"\r\n.", b"\r\n..")
    start = b"." if body.startswith(b".") else b""
    end = b".\r\n" if not body or body.endswith(b"\r\n") else b"\r\n.\r\n"
    return start + body + end
