"""Builds the real objects from settings: the one place that knows which room gets what.

``opened`` finds the project's data base, keys and state, and refuses to go on when they do not belong together.
Practice has a data base, keys and state of its own beside the real ones; ``check`` without any has them for the
time of the command.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sender import contacts, ledger
from sender.address import NORMALISATION, is_reserved_domain
from sender.cli import traces
from sender.cli.words import Words
from sender.errors import SenderError, SettingsError
from sender.keys import Keys, LiveRing
from sender.ledger import State, journal
from sender.model import Campaign, Contact, ContactId
from sender.settings import RelayUrl, Settings, find_project, load
from sender.steps.acceptance import Recorded, newest, recorded
from sender.steps.house import House, utc_now
from sender.store import AbsentStore, Base, Store, found, new_base_id, read_base

if TYPE_CHECKING:
    from pydantic import SecretStr

    from sender.delivery import RelayAccess

COMPLAINTS = {
    "SC-102": "No relay is set",
}

PRACTICE_BASE = "practice.db"
PAGE_SECONDS = 3.0
PRACTICE_MAILBOX = "practice-mailbox"


def settings_for(campaign: Path | None, *, log_needed: bool = True) -> Settings:
    """The settings of the campaign's project, with the log set up as they say.

    Where no log is needed, one that cannot be written goes to stderr: an objection must not fail for want of it.
    """
    from sender.logs import configure

    settings = load(find_project(campaign or Path.cwd()))
    try:
        configure(settings, cron=not sys.stderr.isatty())
    except SettingsError:
        if log_needed:
            raise
        configure(settings.model_copy(update={"log": "stderr"}), cron=True)
    return settings


@contextmanager
def opened(settings: Settings, *, practice: bool, create: bool = False) -> Iterator[House]:
    """The house; its data base is closed at the end. ``create``: make what is not there yet."""
    house = open_house(settings, practice=practice, create=create)
    try:
        yield house
    finally:
        house.store.close()


def open_house(settings: Settings, *, practice: bool, create: bool) -> House:
    store = Store.open(database_of(settings, practice=practice), create=create)
    try:
        with store.read() as connection:
            base = read_base(connection)
        if base is None:
            base, keys = found_base(settings, store, practice=practice)
        else:
            keys = keys_of(settings, base)
        if base.normalisation < NORMALISATION:
            with store.write() as connection:
                contacts.renew_forms(connection, hash_of=keys.suppression_hash)
        traces.renew(settings, base)
        return house_of(settings, store, base, keys, words_in(store, settings, practice=practice))
    except BaseException:
        store.close()
        raise


def house_of(settings: Settings, store: Store, base: Base, keys: Keys, words: Recorded) -> House:
    links = LiveRing.beside(keys.ring, folder_in_use(settings, base), lambda: keys_of(settings, base).ring)
    return House(settings, store, base, keys, links, State(state_folder(settings, base)), base.practice, recorded=words)


def without_base(settings: Settings, problem: SenderError) -> House:
    """The house while its data base cannot be opened: keys and state are there, every transaction raises ``problem``.

    Raises ``problem`` where no base was ever opened here with these settings, so that keys and state are not known.
    """
    base = traces.remembered(settings)
    if base is None:
        raise problem
    return house_of(settings, AbsentStore(problem), base, keys_of(settings, base), {})


def words_in(store: Store, settings: Settings, *, practice: bool) -> Recorded:
    """What the journal says of rule packs; what holds for the real base holds in practice too."""
    with store.read() as connection:
        words = recorded(connection)
    if not practice:
        return words
    try:
        real = Store.open(settings.database, create=False)
    except SettingsError as missing:
        if missing.complaints[0].code != "SC-501":
            raise
        return words
    try:
        return newest(words, words_in(real, settings, practice=False))
    finally:
        real.close()


@contextmanager
def opened_or_borrowed(settings: Settings, *, practice: bool) -> Iterator[House]:
    """The project's house; where it has no data base yet, an empty one that is gone afterwards."""
    try:
        house = open_house(settings, practice=practice, create=False)
    except SettingsError as missing:
        if missing.complaints[0].code != "SC-501":
            raise
        with tempfile.TemporaryDirectory(prefix="send-campaign-") as folder:
            place = Path(folder)
            borrowed = {
                "database": f"sqlite:///{place / 'sender.db'}",
                "keys": place / "keys",
                "state": place / "state",
            }
            with opened(settings.model_copy(update=borrowed), practice=False, create=True) as house:
                yield replace(house, settings=settings)
        return
    try:
        yield house
    finally:
        house.store.close()


def database_of(settings: Settings, *, practice: bool) -> str:
    return f"sqlite:///{settings.project / PRACTICE_BASE}" if practice else settings.database


def may_begin(settings: Settings, *, practice: bool) -> bool:
    """Whether a missing data base may be made unasked: in practice, and with a relay on this machine, but only once.

    A base that was there and is gone took its objections and its letters with it; beginning anew needs --create.
    """
    return practice or (relay_is_local(settings) and not traces.file_of(settings).exists())


def found_base(settings: Settings, store: Store, *, practice: bool) -> tuple[Base, Keys]:
    """A new base and its keys, which are made together and never apart.

    Two processes may find the same empty base: the row of the first one stands, and the second takes its keys.
    """
    draft = Base(new_base_id(), "", practice, utc_now())
    keys = Keys.make(keys_folder(settings, draft))
    with store.write() as connection:
        base = read_base(connection)
        if base is None:
            check = keys.check_value()
            base = found(connection, base_id=draft.base_id, key_check=check, practice=practice, now=utc_now())
            traces.leave(settings, base)
            return base, keys
    return base, keys_of(settings, base)


def keys_of(settings: Settings, base: Base) -> Keys:
    """From the operator's command, from systemd's credentials, else from the folder. Practice has keys of its own."""
    if not base.practice:
        if text := settings.keys_text():
            return Keys.of_text(text, base.key_check, Path("SENDER_KEYS_COMMAND"))
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        if credentials and (given := Keys.of_credentials(Path(credentials), base.key_check)):
            return given
    return Keys.load(keys_folder(settings, base), base.key_check)


def folder_in_use(settings: Settings, base: Base) -> Path | None:
    """The folder that ``keys_of`` reads; None where the keys come from elsewhere."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    given = credentials is not None and (Path(credentials) / "send-campaign_link").is_file()
    elsewhere = not base.practice and (bool(settings.keys_command) or given)
    return None if elsewhere else keys_folder(settings, base)


def keys_folder(settings: Settings, base: Base) -> Path:
    """Practice keys lie below the real ones where a folder is named, since no two bases may share keys."""
    folder = settings.keys_folder(base.base_id)
    return folder / "practice" if base.practice and settings.keys else folder


def state_folder(settings: Settings, base: Base) -> Path:
    folder = settings.state_folder(base.base_id)
    return folder / "practice" if base.practice and settings.state else folder


def demand_relay(settings: Settings) -> None:
    if settings.relay is None:
        raise SettingsError.of(
            "SC-102",
            "no relay is set",
            why="Mail needs a server that takes it; nothing was sent.",
            todo='Set SENDER_RELAY (or relay = "smtp://user@relay.example:587" in sender.toml), or add --practice.',
        )


def access_to(relay: RelayUrl, settings: Settings) -> RelayAccess:
    from sender.delivery import RelayAccess, Timeouts

    return RelayAccess(
        host=relay.host,
        port=relay.port,
        tls=relay.tls,
        socket=relay.socket,
        user=relay.user,
        password=lambda: password_of(settings),
        ca_file=settings.relay_ca_file,
        helo=settings.helo,
        timeouts=Timeouts(**asdict(settings.timeouts)),
    )


def password_of(settings: Settings) -> str:
    """Fetched when the relay asks for it; from then on no log line shows it."""
    return _kept_secret(settings.password())


def _kept_secret(secret: SecretStr | None) -> str:
    from sender.logs import keep_secret

    text = secret.get_secret_value() if secret else ""
    keep_secret(text)
    return text


def mailbox_password(settings: Settings) -> str:
    return _kept_secret(settings.password("collect"))


def practice_access(port: int, settings: Settings) -> RelayAccess:
    from sender.delivery import RelayAccess

    return RelayAccess(host="127.0.0.1", port=port, tls="none", helo=settings.helo)


@contextmanager
def people_of_the_real_base(practice: House) -> Iterator[Callable[[list[Contact]], None]]:
    """Bring the real base's people, consents and objections into practice; nothing flows back.

    Gives what each batch of the practice audience has to pass: erased people can be found by their address only.
    """
    try:
        real = open_house(practice.settings, practice=False, create=False)
    except SettingsError as missing:
        if missing.complaints[0].code != "SC-501":
            raise
        yield lambda _batch: None
        return
    try:
        contacts.copy_people(
            real.store, practice.store, real_hash=real.hash_of, practice_hash=practice.hash_of, now=utc_now()
        )

        def carry_over(batch: list[Contact]) -> None:
            addresses = [contact.email for contact in batch]
            with real.store.read() as source, practice.store.write() as target:
                contacts.carry_over(target, source, addresses, real_hash=real.hash_of, practice_hash=practice.hash_of)

        yield carry_over
    finally:
        real.store.close()


@asynccontextmanager
async def relay(house: House) -> AsyncIterator[RelayAccess]:
    """How to reach the relay; in practice, one that runs on this machine for as long as it is needed."""
    if house.practice:
        from sender.delivery import PracticeServer

        async with PracticeServer(house.project / PRACTICE_MAILBOX) as server:
            yield practice_access(server.port, house.settings)
    elif access := relay_access(house.settings):
        yield access


def relay_access(settings: Settings) -> RelayAccess | None:
    """The relay of the settings."""
    return access_to(settings.relay, settings) if settings.relay else None


def relay_is_local(settings: Settings) -> bool:
    return settings.relay is not None and settings.relay.local


def campaign_name(path: Path) -> str:
    """The name in a campaign file; a word that is no file is taken for the name itself."""
    campaign = campaign_file(path)
    return campaign.name if campaign else str(path)


def campaign_file(path: Path) -> Campaign | None:
    from sender.campaign import load as load_campaign

    return load_campaign(path.absolute()) if path.suffix or path.exists() else None


def message_ids(house: House, path: Path) -> Callable[[ContactId], str] | None:
    """How the letters of a campaign file are named; None where only the campaign's name is known."""
    campaign = campaign_file(path)
    if campaign is None:
        return None
    base_id, name, domain = house.base.base_id, campaign.name, campaign.sender.from_.domain
    return lambda contact: ledger.message_id(base_id, name, contact, domain)


def warnings(house: House, campaign: Campaign) -> tuple[str, ...]:
    """What a person should know before sending. Practice asks nobody, and an invented name is not asked for."""
    said = (
        about_pages(house),
        about_state(house),
        about_keys(house),
        about_signing(house),
        about_topics(house, campaign),
    )
    return tuple(word for word in said if word)


def about_pages(house: House) -> str | None:
    page = house.settings.pages_url
    if house.practice or page is None:
        return None
    if is_reserved_domain(urlsplit(page).hostname or ""):
        return Words(house.settings.language)("warning.invented_page", page=page)
    if page_answers(page):
        return None
    return Words(house.settings.language)("warning.dead_page", page=page)


def about_state(house: House) -> str | None:
    """A state folder that knows less than nothing: nobody could tell whether the base came back from a backup."""
    with house.store.read() as connection:
        written = journal.head(connection)
    if written.seq == 0 or house.state.head().seq > 0:
        return None
    return Words(house.settings.language)("warning.new_state", folder=house.state.folder)


def about_signing(house: House) -> str | None:
    from sender.dkim import ADVISED_BITS
    from sender.steps.signing import identities

    bits = [one.key.bits for one in identities(house.settings) if one.key.weak]
    words = Words(house.settings.language)
    return words("warning.weak_signing_key", bits=bits[0], advised=ADVISED_BITS) if bits else None


def about_keys(house: House) -> str | None:
    """A ring that lacks the newest key that this base knows of came from an old copy."""
    with house.store.read() as connection:
        made = [said["number"] for _, said in journal.entries(connection, "link_key_made")]
    if not made or any(key.number == made[-1] for key in house.ring):
        return None
    return Words(house.settings.language)("warning.old_keys", number=made[-1])


def about_topics(house: House, campaign: Campaign) -> str | None:
    """What the pages do not name nobody can refuse there."""
    nameless = [topic for topic in campaign.topics if topic not in house.settings.topics.names]
    if not nameless:
        return None
    return Words(house.settings.language)("warning.nameless_topics", topics=", ".join(nameless))


def page_answers(page: str) -> bool:
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    try:
        with urlopen(Request(f"{page}/health"), timeout=PAGE_SECONDS) as answer:  # noqa: S310  http(s) by the settings
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False
