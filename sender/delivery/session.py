"""One conversation with the relay on a transport that `connect` opened; several letters may be on their way in it.

Where the relay offers PIPELINING a letter's commands go out in one write, and the next letter's right behind the final
dot: one round trip a letter. Where it offers CHUNKING too, content goes with the commands, and as many letters are on
their way as the window allows. Where it offers neither, the same class waits after each command.

With CHUNKING every good reply is a 250, so that one too many would be taken for the next command's yes. The first
letter therefore goes by DATA: only replies that are in step put its 354 where it belongs. By then the relay has shown
how its yes to each command looks, and a later one that looks like another command's is out of turn; where those to
MAIL and to RCPT look the same every letter goes by DATA.

Replies come in the order of the commands, so each is matched to the oldest command that has none. Whatever breaks that
order ends the connection, and each letter on its way gets the outcome that is certain, or ``unknown``.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

from sender.delivery.access import Timeouts
from sender.delivery.complaints import refuses_sender
from sender.delivery.flight import BLOCK, Flight, Untouched, beyond_relay, demand_fit, envelope, stuffed
from sender.delivery.replies import Garbage, Reader, Reply, Stage, blames_sender, broken, classify, judgement_of_sender
from sender.model import Answer, Letter, Outcome

__all__ = ["WINDOW", "WITHOUT_CHUNKS", "Session", "Untouched"]

WINDOW = 8
"""Letters on their way at once in one connection, at most: what a kill or a lost connection can leave unknown."""

NEAR = 4
"""As many of them as are worth it where the relay is near. Far away there is one more for each `_APART`."""

_APART = 0.0125  # seconds of a round trip: 80 letters a second for each connection, if the relay takes them

WITHOUT_CHUNKS = 2
"""With a window as small as this content waits until the relay says "go on": one letter at most is at stake."""

_QUIT_SECONDS = 5.0
_ACK_NOW: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_PLAIN = (Stage.MAIL, Stage.RCPT, Stage.RSET)
_RSET = (Stage.RSET, b"RSET\r\n")
_DATA = (Stage.DATA, b"DATA\r\n")


class Session(asyncio.Protocol):
    """Sends letters. ``extensions``: what EHLO offered, upper case, with parameters.

    Once `alive` is false it stays false.
    """

    def __init__(
        self, relay: object, extensions: Mapping[str, str], timeouts: Timeouts, *, window: int = WINDOW
    ) -> None:
        self._relay = relay
        self._offers = extensions
        self._timeouts = timeouts
        self._pipelines = "PIPELINING" in extensions
        self._chunks = self._pipelines and "CHUNKING" in extensions and window > WITHOUT_CHUNKS
        self._most = window if self._chunks else min(window, WITHOUT_CHUNKS if self._pipelines else 1)
        self._window = min(self._most, NEAR)
        self._asked = 0.0  # when the first command was written
        self._round_trip: float | None = None  # until its reply came
        self._transport: asyncio.Transport | None = None
        self._reader = Reader()
        self._flights: deque[Flight] = deque()
        self._why = ""
        self._clean = True  # no envelope of an earlier letter can be left at the relay
        self._leaving: asyncio.Future[None] | None = None
        self._moved = asyncio.Event()  # there may be room now, or nobody to wait for
        self._writable = asyncio.Event()
        self._writable.set()
        self._out: list[bytes] = []
        self._streaming: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._in_step = False  # a 354 came when it was due
        self._yes: dict[Stage, Reply] = {}  # to each command of the newest letter that went by DATA
        self.proven = False  # the relay has taken a recipient of ours
        self.sent = 0
        self.idle_since = 0.0

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.idle_since = asyncio.get_running_loop().time()

    def data_received(self, data: bytes) -> None:
        heard = False
        try:
            for reply in self._reader.feed(data):
                if self._why:
                    return
                self._match(reply)
                heard = True
        except Garbage:
            self.abort("the relay sent something that is no reply")
        if heard:
            self._deadline = 0.0
            if not self._go_on() and self._flights and self._flights[0].due:
                self._acknowledge()

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

    @property
    def busy(self) -> bool:
        """Letters are on their way."""
        return bool(self._flights)

    @property
    def has_room(self) -> bool:
        """Another letter may be handed over. Until the relay has taken a recipient of ours, one at a time."""
        return len(self._flights) < (self._window if self.proven else 1)

    async def room(self) -> None:
        """Wait until there is room, or the connection is gone."""
        while self.alive and not self.has_room:
            await self._change()

    async def drained(self) -> None:
        """Wait until every letter has its answer."""
        while self._flights:
            await self._change()

    async def _change(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def abort(self, why: str) -> None:
        """Close at once. What was written but has no reply will have none."""
        self._end(why)
        if self._transport:
            self._transport.abort()

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._writable.set()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        first = True
        while self._flights:
            self._flights.popleft().lost(self._why, first=first)
            first = False
        if self._leaving and not self._leaving.done():
            self._leaving.set_result(None)
        self._moved.set()

    async def quit(self) -> None:
        """Take leave politely; whatever goes wrong now changes nothing."""
        # Meets: HOUSE 23 (a failure at QUIT, after the final 250, is success)
        try:
            if self.alive and self._transport and not self._flights:
                self._leaving = asyncio.get_running_loop().create_future()
                self._transport.write(b"QUIT\r\n")
                async with asyncio.timeout(min(_QUIT_SECONDS, self._timeouts.command)):
                    await self._leaving
        except TimeoutError:
            pass
        finally:
            self._end("we closed the connection")
            if self._transport:
                self._transport.close()

    # --- letters in, answers out

    def submit(self, letter: Letter) -> asyncio.Future[Answer]:
        """Hand one letter over, where there is room; its answer comes later.

        The future raises `Untouched` where the relay certainly did not take it and nothing was said of it,
        `RelayRefusesSender` where the relay's no is about us. Raises a Fault for what is not fit for the wire.
        """
        dots = demand_fit(letter)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if refusal := beyond_relay(letter, self._offers):
            future.set_result(refusal)
        elif not self.alive:
            future.set_exception(Untouched(self._why))
        else:
            self.sent += 1
            self._flights.append(Flight(letter, future, dots))
            try:
                self._go_on()
            except Exception:  # a fault of ours: nobody else would end this flight
                future.cancel()
                self.abort("a fault of ours")
                raise
        return future

    async def send(self, letter: Letter) -> Answer:
        """Hand one letter over and wait for its answer."""
        future = self.submit(letter)
        try:
            return await future
        except asyncio.CancelledError:
            self.abort("given up")  # nobody will read the replies
            raise

    # --- writing

    def _go_on(self) -> bool:
        """After anything that happened: write what may be written, in one piece, and wait for what is due.

        Says whether something was written.
        """
        self._push()
        wrote = self._flush()
        self._tick()
        return wrote

    def _acknowledge(self) -> None:
        """Let the kernel say at once that the replies are here: the relay may hold back the next ones until it knows.

        Nothing that we write says it for us now, and the kernel waits 40 ms for something that would.
        """
        # Meets: RFC 9293 §3.7.4 (a sender holds small segments back while one is not acknowledged)
        if _ACK_NOW is not None and self._transport:
            wire = self._transport.get_extra_info("socket")
            if wire is not None and wire.family in {socket.AF_INET, socket.AF_INET6}:
                with suppress(OSError):
                    wire.setsockopt(socket.IPPROTO_TCP, _ACK_NOW, 1)

    def _push(self) -> None:
        """Write what may be written now: the commands of each letter whose forerunner's content is gone."""
        # Meets: RFC 2920 §3.1 (the end of the content may stand before the next group), RFC 3030 §4.2
        for flight in self._flights:
            if not flight.begun:
                self._begin(flight)
            if flight.commands and (not flight.due or self._pipelines):
                self._write(flight, len(flight.commands) if self._pipelines else 1)
                flight.welcome = flight.chunked
            if flight.welcome:
                self._content(flight)
            if not flight.gone:
                return

    def _begin(self, flight: Flight) -> None:
        """Choose its commands, no earlier than they are written: by then a 354 may have shown that chunks may go."""
        letter, flight.begun = flight.letter, True
        flight.commands.extend(envelope(letter, self._offers))
        if self._pipelines or not self._clean:
            # After a refused RCPT Postfix 3.7 answers the next MAIL with 503 and takes content under the old envelope
            flight.commands.appendleft(_RSET)
        if self._chunks and self._in_step:
            # Meets: RFC 3030 §2 (exact count of octets, nothing stuffed)
            flight.content, flight.chunked = b"BDAT %d LAST\r\n" % len(letter.content) + letter.content, True
        else:
            flight.commands.append(_DATA)
            flight.content = stuffed(letter.content, flight.dots)

    def _write(self, flight: Flight, count: int) -> None:
        self._asked = self._asked or asyncio.get_running_loop().time()
        group = [flight.commands.popleft() for _ in range(count)]
        flight.due += [stage for stage, _ in group]
        self._out += [command for _, command in group]

    def _content(self, flight: Flight) -> None:
        flight.welcome = False
        if len(flight.content) <= BLOCK:
            self._last_block(flight, flight.content)
        else:
            self._streaming = asyncio.get_running_loop().create_task(self._stream(flight))

    async def _stream(self, flight: Flight) -> None:
        """Long content; what fails here nobody else would hear of."""
        try:
            await self._in_blocks(flight)
        except Exception as error:
            flight.end(error)
            self.abort("a fault of ours")

    async def _in_blocks(self, flight: Flight) -> None:
        """Before the last block is handed over the relay cannot have the letter."""
        content, last = flight.content, (len(flight.content) - 1) // BLOCK * BLOCK
        for start in range(0, last, BLOCK):
            if not self.alive:
                return
            self._out.append(content[start : start + BLOCK])
            self._flush()
            try:
                await asyncio.wait_for(self._writable.wait(), self._timeouts.content)
            except TimeoutError:
                self.abort("the relay stopped reading")
        if self.alive:
            self._last_block(flight, content[last:])
            self._go_on()

    def _last_block(self, flight: Flight, block: bytes) -> None:
        flight.gone = True
        flight.due.append(Stage.DOT)
        flight.content = b""
        self._out.append(block)

    def _flush(self) -> bool:
        pieces, self._out = self._out, []
        if not (pieces and self.alive and self._transport):
            return False
        self._transport.write(b"".join(pieces))
        return True

    # --- replies

    def _match(self, reply: Reply) -> None:
        flight = self._flights[0] if self._flights else None
        if flight is None or not flight.due:
            self._unasked()
            return
        stage = flight.due.popleft()
        if self._round_trip is None:
            self._measure()
        if self._chunks and reply.positive:
            if not flight.chunked:
                self._yes[stage] = reply
            elif self._is_to_another(stage, reply):
                flight.sure = False  # a no before it was not about this letter either
                self.abort("the relay answers out of turn")
                return
        if stage in _PLAIN and flight.verdict is None and self.proven and reply.positive:
            return  # as it should be, and no news
        try:
            self._heard(flight, stage, reply)
        except Exception as error:  # a fault of ours: whether the relay has the letter is not known
            flight.end(error)
            self.abort("a fault of ours")

    def _is_to_another(self, stage: Stage, reply: Reply) -> bool:
        """Whether a yes looks as the relay's yes to another command does, and not as its yes to this one.

        Where an earlier reply was one too many, MAIL would get the yes to RSET, RCPT the one to MAIL, and so on.
        """
        sign, own = reply.sign, self._yes.get(stage)
        return (own is None or own.sign != sign) and any(yes.sign == sign for yes in self._yes.values())

    def _unasked(self) -> None:
        """Nothing is on its way that this could answer."""
        if not self._leaving:
            self.abort("the relay spoke without being asked")  # mostly 421: it is about to close
        elif not self._leaving.done():
            self._leaving.set_result(None)

    def _measure(self) -> None:
        """The first reply shows how far away the relay is: the farther, the more letters have to be under way."""
        self._round_trip = asyncio.get_running_loop().time() - self._asked
        self._window = min(self._most, max(NEAR, int(self._round_trip / _APART)))
        self._moved.set()

    def _heard(self, flight: Flight, stage: Stage, reply: Reply) -> None:
        if stage is Stage.DOT:
            self._close(flight, flight.judged(reply), reply)
            return
        if stage is Stage.RCPT and reply.positive and not self.proven:
            self.proven = True
            self._moved.set()
        if flight.verdict is None and not _goes_on(stage, reply):
            flight.verdict, flight.refused_at = self._no(stage, reply), stage
            # A no to RSET says nothing of the content behind it, not even a 421 where the relay reads on all the same
            flight.sure = 400 <= reply.code <= 599 and stage is not Stage.RSET
            if stage is Stage.RSET or (stage is Stage.DATA and not flight.sure):
                self.abort("the relay refused RSET" if stage is Stage.RSET else "the relay answers out of turn")
                return
        elif stage is Stage.RCPT and reply.positive:
            flight.sure = False  # a recipient for a letter whose sender it refused
        if flight.verdict is None:
            if stage is Stage.DATA:
                flight.welcome = True  # written once all that was read is matched
                self._found_in_step()
        elif stage is Stage.DATA and reply.code == 354:
            self._leave_data(flight.refused_at)
        elif not flight.due and not flight.chunked:
            self._close(flight, flight.verdict, reply)

    def _found_in_step(self) -> None:
        """The last replies are to the commands that they were taken for: from now on they can be compared with."""
        self._in_step = True
        if self._chunks and self._yes[Stage.MAIL].sign == self._yes[Stage.RCPT].sign:
            self._chunks = False
            self._most = min(self._most, WITHOUT_CHUNKS)
            self._window = min(self._window, self._most)

    def _no(self, stage: Stage, reply: Reply) -> Answer | Exception:
        if blames_sender(stage, reply, proven=self.proven):
            return refuses_sender(self._relay, reply.code, stage.value, judgement_of_sender(stage, reply))
        return broken(stage, "the relay refused RSET") if stage is Stage.RSET else classify(stage, reply)

    def _close(self, flight: Flight, verdict: Answer | Exception, reply: Reply) -> None:
        """The letter has its answer; the connection goes on only where its state is certain."""
        self._flights.popleft()
        outcome, code = (verdict.outcome, verdict.code) if isinstance(verdict, Answer) else (None, None)
        self._clean = outcome is Outcome.ACCEPTED
        self.idle_since = asyncio.get_running_loop().time()
        flight.end(verdict)
        self._moved.set()
        if outcome is Outcome.UNKNOWN:
            self.abort("the relay answers out of turn")
        elif 421 in {code, reply.code}:
            self.abort("the relay closes the connection")
        elif code == 503:
            self.abort("the dialogue went wrong")

    def _leave_data(self, refused_at: Stage | None) -> None:
        """The relay waits for content of a letter that it refused: a lone dot where no recipient stands, and away."""
        if refused_at is Stage.RCPT and self._transport:
            self._transport.write(b".\r\n")
            self._end("the relay wanted content after a refused recipient")
            self._transport.close()
        else:
            self.abort("the relay wanted content after it refused the sender")

    # --- patience

    def _tick(self) -> None:
        """Wait for the oldest command's reply as long as it may take, counted from the reply before it."""
        flight = self._flights[0] if self._flights else None
        if self._deadline or flight is None or not flight.due or not self.alive:
            return
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._seconds(flight.due[0])
        if self._timer is None or self._timer.when() > self._deadline:
            if self._timer:
                self._timer.cancel()
            self._timer = loop.call_at(self._deadline, self._late)

    def _late(self) -> None:
        """One timer for all commands: it rings at the earliest deadline and is set anew where that has moved."""
        self._timer = None
        loop = asyncio.get_running_loop()
        if self._deadline > loop.time():
            self._timer = loop.call_at(self._deadline, self._late)
        elif self._deadline:
            self.abort("the relay did not answer in time")

    def _seconds(self, stage: Stage) -> float:
        # Meets: RFC 5321 §4.5.3.2
        if stage is Stage.DOT:
            return self._timeouts.dot
        return self._timeouts.data if stage is Stage.DATA else self._timeouts.command


def _goes_on(stage: Stage, reply: Reply) -> bool:
    return reply.code == 354 if stage is Stage.DATA else reply.positive
