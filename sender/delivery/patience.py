"""How long we knock at a relay that does not open. The only policy of trying again in this room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_before_delay
from tenacity.wait import wait_random_exponential

from sender.errors import Unreachable

Sleep = Callable[[float], Awaitable[None]]

SECONDS = 120.0


def patience(sleep: Sleep, given_up: Callable[[], bool]) -> AsyncRetrying:
    """Knock again for two minutes at most, or until ``given_up``; no letter is at stake meanwhile."""

    in_time = stop_before_delay(SECONDS)

    def over(state: RetryCallState) -> bool:
        return given_up() or in_time(state)

    return AsyncRetrying(
        retry=retry_if_exception_type(Unreachable),
        stop=over,
        wait=wait_random_exponential(multiplier=1, max=30),
        sleep=sleep,
        reraise=True,
    )
