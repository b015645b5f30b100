"""``send-campaign serve``: the public pages."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sender.cli.options import Practice
from sender.errors import Exit


def serve(
    *,
    host: Annotated[str, Parameter(help="Where to listen; a reverse proxy with https stands in front.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one.")] = 8080,
    practice: Practice = False,
) -> Exit:
    """Serve the unsubscribe links of the mails, and /health, until a signal comes."""
    from sender.cli import wiring
    from sender.cli.terminal import err
    from sender.web import create_app
    from sender.web import serve as answer

    settings = wiring.settings_for(None, log_needed=False)
    with wiring.opened(settings, practice=practice) as house:

        def tell(listening: int) -> None:
            err().print(f"Public pages on http://{host}:{listening}/  (Ctrl-C ends)", markup=False)

        answer(create_app(wiring.objection_desk(house), language=settings.language), host, port, tell=tell)
    return Exit.AS_PLANNED
