"""What is asked of the DNS about a campaign, and how long; what asks is loaded only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sender.preflight.remarks import Remark

if TYPE_CHECKING:
    from sender.dkim import Identity

__all__ = ["Sending", "ask"]

ONE = 3.0  # seconds for one name
ALL = 12.0  # seconds for all checks together


@dataclass(frozen=True, slots=True)
class Sending:
    """What the letters will carry. Domains in ASCII, lower case.

    ``author``: of From; ``envelope``: of the envelope sender; ``replies``: of Reply-To; ``relay``: host name or address
    of a relay elsewhere; ``own_machine``: the relay is this machine, whose address towards the world is not known.
    """

    author: str
    envelope: str
    replies: str | None = None
    relay: str | None = None
    own_machine: bool = False
    identities: tuple[Identity, ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """The domains that must take mail, each once."""
        return tuple(dict.fromkeys(filter(None, (self.author, self.envelope, self.replies))))


def ask(
    sending: Sending, servers: Sequence[tuple[str, int]] = (), *, one: float = ONE, together: float = ALL
) -> tuple[Remark, ...]:
    """Every check's remarks, in an order that does not depend on the answers. Raises nothing for what the DNS says."""
    import asyncio

    from sender.preflight.checks import asked

    return asyncio.run(asked(sending, servers, one, together))
