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

    too_late = stop_before_delay(SECONDS)

    def over(state: RetryCallState) -> bool:
        slept = state.idle_for + state.upcoming_sleep  # counted apart: the sleep passed in need not follow the clock
        return given_up() or slept >= SECONDS or too_late(state)

    return AsyncRetrying(
        retry=retry_if_exception_type(Unreachable),
        stop=over,
        wait=wait_random_exponential(multiplier=1, max=30),
        sleep=sleep,
        reraise=True,
    )
