"""``send-campaign backup`` and ``restore``: a copy of the data base, and its way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Json, Yes
from sender.cli.person_export import Age
from sender.errors import Exit, SettingsError

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.settings import Settings
    from sender.steps.house import House
    from sender.steps.safekeeping import Returned
    from sender.store import Store


def backup(
    to: Annotated[Path, Parameter(help="A new file, or a folder that gets one named after the moment.")],
    /,
    *,
    age: Age = None,
    json: Json = False,
) -> Exit:
    """Write a whole copy of the data base, while others go on working. Keys and state lie apart and stay there."""
    from sender import sealing
    from sender.cli import wiring
    from sender.cli.terminal import err, out, print_json
    from sender.cli.words import Words
    from sender.steps import safekeeping

    seal_to = sealing.recipient(age) if age else None
    settings = wiring.settings_for(None)
    safekeeping.demand_a_file(settings.database)
    with wiring.opened(settings, practice=False) as house:
        named = safekeeping.default_name(to, house.base.base_id, house.now(), sealed=age is not None)
        path = named if to.is_dir() else to
        safekeeping.back_up(house, path, seal_to)
        keys = wiring.keys_folder(settings, house.base)
    if json:
        print_json("backup/1", {"path": str(path), "sealed": seal_to is not None, "keys": str(keys)})
    else:
        out().print(str(path), markup=False)
        err().print(Words(settings.language)("backup.keys", folder=keys), markup=False)
    return Exit.AS_PLANNED


def restore(
    file: Annotated[Path, Parameter(help="What backup wrote.")],
    /,
    *,
    age_key: Annotated[Path | None, Parameter(help="The age key's file, where the backup is sealed.")] = None,
    yes: Yes = False,
    json: Json = False,
) -> Exit:
    """Put a backup in the data base's place. Who objected or was erased since stays out; nobody is mailed again."""
    from sender.cli import traces, wiring
    from sender.cli.person_erase import confirm
    from sender.cli.terminal import print_json
    from sender.cli.words import Words
    from sender.steps import safekeeping

    settings = wiring.settings_for(None)
    words, base = Words(settings.language), safekeeping.demand_a_file(settings.database)
    with safekeeping.unpacked(file, base, age_key) as draft:
        at_draft = settings.model_copy(update={"database": f"sqlite:///{draft}"})
        with wiring.opened(at_draft, practice=False) as copy, standing(settings) as current:
            demand_the_same(copy, current, str(file))
            safekeeping.demand_quiet(copy.state)
            confirm(words("restore.question" if current else "restore.question_new"), words, yes=yes)
            returned = safekeeping.settle(copy, current)
            traces.leave(settings, copy.base)
        safekeeping.put_in_place(draft, base)
    if json:
        counts = {"unknown": returned.unknown, "erased_again": returned.erased, "suppressions_kept": returned.kept}
        print_json("restore/1", counts)
    else:
        tell(returned, words, alone=current is None)
    return Exit.UNKNOWNS_WAIT if returned.unknown else Exit.AS_PLANNED


@contextmanager
def standing(settings: Settings) -> Iterator[Store | None]:
    """The data base that is to be replaced; None where there is none, or none that can be read."""
    from sender.store import Store

    try:
        store = Store.open(settings.database, create=False)
    except SettingsError as problem:
        if problem.complaints[0].code not in {"SC-501", "SC-503", "SC-505"}:
            raise
        yield None
        return
    try:
        yield store
    finally:
        store.close()


def demand_the_same(copy: House, current: Store | None, place: str) -> None:
    from sender.steps.safekeeping import other_base
    from sender.store import read_base

    if current is None:
        return
    with current.read() as connection:
        here = read_base(connection)
    if here is not None and here.base_id != copy.base.base_id:
        raise other_base(place)


def tell(returned: Returned, words: Words, *, alone: bool) -> None:
    from sender.cli.terminal import out

    console = out()
    console.print(words("restore.done"))
    if alone:
        console.print(words("restore.alone"))
    if returned.erased:
        console.print(words("resolve.erased_again", n=returned.erased))
    if returned.kept:
        console.print(words("restore.kept", n=returned.kept))
    if returned.unknown:
        console.print(words("resolve.restored", n=returned.unknown))
