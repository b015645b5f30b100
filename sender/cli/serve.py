"""``send-campaign serve``: the public pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Practice
from sender.errors import Exit, Place, SenderError, SettingsError, UsageError
from sender.logs import get_logger

if TYPE_CHECKING:
    from sender.settings import Settings
    from sender.steps.house import House
    from sender.web import Doors, Proxies

COMPLAINTS = {
    "SC-613": "This is no address of a proxy",
    "SC-614": "This is no file mode",
    "SC-645": "Another data base lies there than the one that these pages take objections for",
    "SC-646": "The data base cannot be read",
}


def serve(
    *,
    host: Annotated[str, Parameter(help="Where to listen; a reverse proxy with https stands in front.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one.")] = 8080,
    unix_socket: Annotated[
        Path | None, Parameter(help="Listen on this file instead; who may write to it is taken for the proxy.")
    ] = None,
    socket_mode: Annotated[str, Parameter(help="Who may write to the unix socket, in octal.")] = "660",
    proxy: Annotated[
        tuple[str, ...],
        Parameter(help="Address or network of a proxy whose X-Forwarded-For is believed.", negative=""),
    ] = (),
    metrics_for: Annotated[
        tuple[str, ...],
        Parameter(help="Address or network that may read /metrics, besides this machine.", negative=""),
    ] = (),
    practice: Practice = False,
) -> Exit:
    """Serve what the links of the mails lead to, the privacy notice, /health and /metrics, until a signal comes.

    SIGTERM ends it when open requests are finished; SIGHUP lets a successor take over with new settings, and nobody is
    turned away meanwhile. A socket that systemd hands over is used instead of --host, --port and --unix-socket.
    Where the data base is out of reach, mails can be stopped all the same, and the rest comes back with it.
    """
    from sender.cli import wiring
    from sender.cli.desks import reception
    from sender.cli.terminal import err
    from sender.cli.words import Words
    from sender.web import Ending, create_app, hand_over, inherited_doors
    from sender.web import serve as answer

    settings = wiring.settings_for(None, log_needed=False)
    proxies = proxies_of(proxy, metrics_for)
    mode = mode_of(socket_mode)
    with house_to_serve(settings, practice) as (house, away):
        missing = told(away) if away else []
        app = create_app(reception(house, proxies, lambda error: missing.extend(told(error))))
        missing += [Words(settings.language)("serve.without_base")] if away else what_is_missing(house)
        doors = inherited_doors(unix_socket) or new_doors(host, port, unix_socket, mode)

        def ready() -> None:
            err().print(f"Public pages on {doors.shown}  (Ctrl-C ends)", markup=False)
            for said in missing:
                err().print(said, markup=False)

        told_of = {one.code for one in away.complaints} if away else set[str]()

        def may_restart(asked: bool) -> bool:
            def tell(error: SenderError) -> None:
                codes = {one.code for one in error.complaints}
                if asked or not codes <= told_of:  # unasked it looks every few seconds, and tells each thing once
                    told_of.update(codes)
                    for said in told(error):
                        err().print(said, markup=False)

            return would_come_up(practice, proxies, tell, only=house.base.base_id if away and not asked else None)

        try:
            ending = answer(app, doors, may_restart=may_restart, ready=ready, makeshift=away is not None)
        except BaseException:
            doors.close()
            raise
    if ending is Ending.RESTART:
        hand_over(doors)
    doors.close()
    return Exit.AS_PLANNED


@contextmanager
def house_to_serve(settings: Settings, practice: bool) -> Iterator[tuple[House, SenderError | None]]:
    """The house, or the one that takes objections alone with the error that keeps the data base away."""
    # Meets: GDPR art. 21(3) (an objection waits for no data base)
    from sender.cli import wiring

    try:
        if not practice:
            demand_a_base(settings)
        house, away = wiring.open_house(settings, practice=practice, create=False), None
    except SenderError as problem:
        if practice:
            raise
        house, away = wiring.without_base(settings, problem), problem
    try:
        yield house, away
    finally:
        house.store.close()


def would_come_up(
    practice: bool, proxies: Proxies, tell: Callable[[SenderError], object], only: str | None = None
) -> bool:
    """Whether a successor would, with settings, base and keys as they are now; ``tell`` hears what is wrong.

    ``only``: the id of the one base that it may come up with unasked.
    """
    from sender.cli import wiring
    from sender.cli.desks import reception

    try:
        settings = wiring.settings_for(None, log_needed=False)
        if not practice:
            demand_a_base(settings, only)
        with wiring.opened(settings, practice=practice) as house:
            reception(house, proxies)
    except SenderError as error:
        tell(error)
        return False
    except Exception as error:
        get_logger().error("pages", where="successor", error=type(error).__name__)
        return False
    return True


def demand_a_base(settings: Settings, only: str | None = None) -> None:
    """Raise where a base was before and none is whole now, or another than ``only``; looks, and changes nothing.

    With another one no link of the mails already sent would be known any more.
    """
    from sender.cli import traces
    from sender.store import Store

    found = Store.glimpse(settings.database)
    if found is None and traces.remembered(settings):
        raise SettingsError.of(
            "SC-646",
            COMPLAINTS["SC-646"],
            why="It may be away, or be restored just now; the pages go on with the keys of before.",
            todo="Put it back; send-campaign status says what is wrong with it.",
            place=Place("database"),
        )
    if only is None or found is None or found.base_id == only:
        return
    raise SettingsError.of(
        "SC-645",
        COMPLAINTS["SC-645"],
        why="No link of the mails already sent would stop anything; these pages go on with the keys of the one before.",
        todo="Put the data base of before back (send-campaign restore), or begin anew on purpose: kill -HUP.",
    )


def told(error: SenderError) -> list[str]:
    """Into the log by its codes; the words, for who looks on."""
    get_logger().error("pages", where="settings", codes=[one.code for one in error.complaints])
    return [str(one) for one in error.complaints]


def what_is_missing(house: House) -> list[str]:
    """What the pages must do without, in words."""
    from sender.cli import wiring

    settings = house.settings
    try:
        gaps = gaps_in_notice(settings)
    except SenderError as error:
        return told(error)
    found = (gaps, no_letters(settings), wiring.about_keys(house), wiring.about_state(house))
    return [said for said in found if said]


def gaps_in_notice(settings: Settings) -> str | None:
    """What the privacy notice must leave out, in words. Raises InputError where processing.yaml is wrong."""
    # Meets: GDPR art. 13(1)(a), 14(1)(a)
    from sender.cli.words import Words
    from sender.record import FILE, declared_in

    controller = declared_in(settings.project).controller
    missing = [name for name in ("name", "address", "contact") if getattr(controller, name) is None]
    if not missing:
        return None
    named = ", ".join(f"controller.{name}" for name in missing)
    return Words(settings.language)("serve.notice_gaps", file=FILE, names=named)


def no_letters(settings: Settings) -> str | None:
    """That people cannot see their data on the pages, in words."""
    # Meets: GDPR art. 12(2) (whoever answers makes it easy to ask)
    from sender.cli.words import Words

    return None if settings.pages_from else Words(settings.language)("serve.no_letters")


def new_doors(host: str, port: int, unix_socket: Path | None, mode: int) -> Doors:
    from sender.web import door_at, door_on

    return door_at(unix_socket, mode) if unix_socket else door_on(host, port)


def proxies_of(named: tuple[str, ...], watchers: tuple[str, ...]) -> Proxies:
    from sender.web import Proxies

    try:
        return Proxies.of(named, watchers)
    except ValueError as error:
        raise UsageError.of(
            "SC-613",
            f"{COMPLAINTS['SC-613']}: {error}",
            why="Whose word is taken on where readers come from must be certain.",
            todo="Write an address or a network: --proxy 10.0.0.5 --proxy 10.1.0.0/16",
        ) from None


def mode_of(text: str) -> int:
    if len(text) in {3, 4} and set(text) <= set("01234567") and int(text, 8) <= 0o777:
        return int(text, 8)
    raise UsageError.of(
        "SC-614",
        f"{COMPLAINTS['SC-614']}: {text!r}",
        why="Who may write to the socket may speak for any reader.",
        todo="Write it in octal: --socket-mode 660",
    )
