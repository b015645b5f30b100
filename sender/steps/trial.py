"""Letters to look at and to try before a campaign is sent: previews as files, one letter to an own address."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from secrets import token_hex

from sender import contacts, ledger
from sender.delivery import RelayAccess, connect
from sender.errors import UsageError
from sender.letters import Templates, synthetic_contacts
from sender.model import Address, Answer, Contact, ContactId, Letter
from sender.steps.brief import Brief, Rows
from sender.steps.house import House
from sender.steps.judging import NOBODY, Judging, composing
from sender.steps.plan import Plan
from sender.steps.signing import signer_of

COMPLAINTS = {"SC-107": "A test is addressed to somebody on the suppression list"}


def preview(house: House, brief: Brief, folder: Path, *, contact: Address | None, number: int) -> Iterator[Path]:
    """Write the letters of one contact, or of the first few of the file, as files only their owner can read.

    Raises CannotCompose.
    """
    compose, templates = composing(house, brief, signer_of(house, brief.campaign)), brief.templates
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = contact.key if contact else None
    found = (one for batch in Rows(house, brief).batches() for one in batch if wanted in {None, one.email.key})
    for count, one in enumerate(islice(found, 1 if wanted else number), start=1):
        someone = one if one.id else replace(one, id=NOBODY)
        rendering, letter = templates.render(someone, house.links_for(someone)), compose(someone)
        contents = {"html": shown_alone(rendering.html, templates).encode(), "txt": rendering.text.encode()}
        for kind, content in (contents | {"eml": letter.content}).items():
            yield private_file(folder / f"{brief.campaign.name}-{count}.{kind}", content)


def shown_alone(html: str, templates: Templates) -> str:
    """The HTML with its inline images inside, so that a browser can show it."""
    for image in templates.images.values():
        data = base64.b64encode(image.path.read_bytes()).decode()
        html = html.replace(f"cid:{image.cid}", f"data:image/{image.path.suffix[1:]};base64,{data}")
    return html


def private_file(path: Path, content: bytes) -> Path:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


@dataclass(frozen=True, slots=True)
class Trial:
    """The letter of an invented ``contact``, and who judged its campaign; no letter where a campaign gate refuses."""

    plan: Plan
    judging: Judging
    contact: Contact | None = None
    letter: Letter | None = None


def trial_of(house: House, brief: Brief, to: Address) -> Trial:
    """A letter addressed to ``to``. Raises UsageError where its holder objected."""
    judging = Judging.begin(house, brief, reserved_allowed=True)
    verdicts = judging.campaign()
    plan = judging.plan(Rows(house, brief), verdicts)
    if plan.refused:
        return Trial(plan, judging)
    demand_no_objection(house, to)
    invented = synthetic_contacts(brief.campaign, brief.templates.columns)[0]
    contact = replace(invented, email=to, id=ContactId(token_hex(16)))
    return Trial(plan, judging, contact, composing(house, brief, signer_of(house, brief.campaign))(contact))


def demand_no_objection(house: House, address: Address) -> None:
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        stopped = contacts.standing_against(connection, [address], hash_of=house.hash_of)
    if stopped:
        raise UsageError.of(
            "SC-107",
            "this address is on the suppression list",
            why="An objection wins over everything, tests included.",
            todo="Test with another address.",
        )


async def send_one(access: RelayAccess, letter: Letter) -> Answer:
    """Hand one letter over, outside any campaign."""
    session = await connect(access)
    try:
        return await session.send(letter)
    finally:
        await session.quit()
