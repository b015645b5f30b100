"""How many letters leave, when: what lanes and the day's ceiling let through, in both kinds of data base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from sender import ledger
from sender.enhanced import asks_for_patience
from sender.ledger import Claim, Lane, NotOpened, Opened, Pace, Wanted
from sender.ledger.lanes import Heard, let_through
from sender.ledger.slowing import MOST, RECOVERS, Slowness
from sender.model import Answer, Outcome
from sender.rates import Limits, Rate, WarmUp
from sender.store import Store
from sender.store.schema import contacts, letters
from tests.databases import NOW
from tests.unit.ledger.scene import ACCEPTED, REFUSED, SEND, Scene, contact_id, die, domain, lives_at

HOUR = timedelta(hours=1)
FREE = Lane("free", Limits(Rate(60, HOUR)), frozenset([domain("free.fr")]))
ORANGE = Lane("orange", Limits(at_once=2), frozenset([domain("orange.fr"), domain("wanadoo.fr")]))
PATIENCE = Answer(Outcome.DEFERRED, 451, "4.7.500", "Server busy", "rcpt")
GREYLISTED = Answer(Outcome.DEFERRED, 450, "4.7.1", "Greylisted, try again in 300 s", "rcpt")


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    """Ten people at Free, four at Orange, two at Wanadoo, eight at a firm."""
    made = Scene.make(store, tmp_path / "state", audience=24)
    for name, numbers in (("free.fr", range(10)), ("orange.fr", range(10, 14)), ("wanadoo.fr", range(14, 16))):
        lives_at(made, name, numbers)
    lives_at(made, "firm.example", range(16, 24))
    made.pace = Pace((FREE, ORANGE))
    return made


WHOSE = {"free.fr": "free", "orange.fr": "orange", "wanadoo.fr": "orange", "firm.example": "firm"}


def at(scene: Scene, some: Sequence[Opened | Claim]) -> Counter[str]:
    """How many of them go where."""
    ids = [one.claim.contact if isinstance(one, Opened) else one.contact for one in some]
    with scene.store.read() as connection:
        found = connection.execute(select(contacts.c.email).where(contacts.c.id.in_(ids))).scalars()
        return Counter(WHOSE[email.partition("@")[2]] for email in found)


def only(scene: Scene, some: Sequence[Opened], where: str) -> list[Opened]:
    return [one for one in some if at(scene, [one])[where]]


def wait(scene: Scene) -> datetime | None:
    """When a claim should be made again."""
    with scene.store.write() as connection:
        found = ledger.again(connection, scene.campaign, scene.pace, scene.now)
    return found and found.at


def test_a_claim_takes_what_may_go_and_leaves_the_rest(scene: Scene) -> None:
    """The lanes' letters first, as many as have room; whoever is in no lane is not held up."""
    run = scene.start()
    first = scene.claim(run)
    opened = scene.open(run, first)
    scene.close(opened, ACCEPTED)

    second = scene.claim(run)

    assert at(scene, opened) == {"free": 1, "orange": 2, "firm": 8}
    assert at(scene, second) == {"orange": 2}
    assert scene.sums().accepted == 11


def test_an_hour_never_has_more_than_its_mails(scene: Scene) -> None:
    """Through runs that end and runs that are killed, and whoever asks how often."""
    gone: list[datetime] = []
    for number in range(200):
        run = scene.start()
        sent = scene.send(run, ACCEPTED, 3)
        gone += [scene.now] * at(scene, sent)["free"]
        die(run) if number % 2 else ledger.end(scene.store, scene.state, run, scene.now)
        scene.later(seconds=9)
        if len(gone) == 10:
            break

    assert len(gone) == 10
    assert all(sum(now - timedelta(minutes=2) < each <= now for each in gone) <= 3 for now in gone)
    assert gone[-1] - gone[0] >= timedelta(minutes=7)


def test_it_says_when_to_look_again(scene: Scene) -> None:
    """At that moment a claim finds something; until then, nothing is lost."""
    scene.pace = Pace((FREE,))
    run = scene.start()
    while scene.send(run, ACCEPTED):
        pass
    again = wait(scene)
    assert again is not None
    scene.now = again - timedelta(seconds=6)
    early = scene.claim(run)
    scene.now = again
    due = scene.claim(run)

    assert NOW < again < NOW + timedelta(minutes=2)
    assert (len(early), at(scene, due)) == (0, {"free": 1})


def test_an_end_is_an_end(scene: Scene) -> None:
    """Nothing is waited for where nobody waits, nor for what was deferred to later, nor in a stopped campaign."""
    run = scene.start()
    scene.pace = Pace((FREE, ORANGE))
    for _ in range(40):
        scene.send(run, ACCEPTED)
        scene.later(minutes=1)

    assert scene.sums().accepted == 24
    assert wait(scene) is None


def test_so_many_at_once_and_no_more(scene: Scene) -> None:
    """Over both domains of the receiver and over two campaigns; an answer makes room."""
    run = scene.start()
    opened = scene.open(run, scene.claim(run))
    with scene.store.write() as connection:
        summer = ledger.identify(connection, "summer", Path("/c/summer.yaml"), {"offer": "b"}, NOW).id
    other = Scene(scene.store, scene.state, summer, pace=scene.pace)
    other.read_audience(dict.fromkeys(range(10, 16), SEND))
    second = other.start()
    nothing = other.claim(second)
    with scene.store.write() as connection:
        found = ledger.again(connection, scene.campaign, scene.pace, scene.now)
    scene.close(only(scene, opened, "orange")[:1], ACCEPTED)
    one = other.claim(second)

    assert nothing == ()
    assert found == ledger.Again(NOW + timedelta(seconds=5), answers=True)
    assert len(one) == 1


def test_what_was_claimed_too_early_goes_back_to_its_lane(scene: Scene) -> None:
    """Two runs that claim at the same moment open no more than one would."""
    runs = [scene.start(), scene.start()]
    claims = [scene.claim(run) for run in runs]
    wanted = [[Wanted(one, f"<{one.contact}@x.example>") for one in some] for some in claims]
    with scene.store.write() as connection:
        opened = [
            result
            for some in wanted
            for result in ledger.open_attempts(connection, scene.state, some, scene.now, pace=scene.pace)
        ]
        back = select(letters.c.claimed_by).where(
            letters.c.contact_id.in_([one.claim.contact for one in opened if isinstance(one, NotOpened)])
        )
        where = set(connection.execute(back).scalars())

    through = at(scene, [one for one in opened if isinstance(one, Opened)])
    assert through == {"free": 1, "orange": 2, "firm": 8}
    assert {one.why for one in opened if isinstance(one, NotOpened)} == {"paced"}
    assert where == {"lane:free", "lane:orange"}


def test_one_rate_for_all(scene: Scene) -> None:
    """Every letter goes through the lane of all, also those that have one of their own."""
    scene.pace = Pace((FREE, Lane("relay", Limits(Rate(5, timedelta(minutes=1))))))
    run = scene.start()
    gone: list[datetime] = []
    while len(gone) < 24:
        gone += [scene.now] * len(scene.send(run, ACCEPTED))
        scene.now = max(wait(scene) or scene.now, scene.now + timedelta(milliseconds=1))
        assert scene.now < NOW + timedelta(minutes=10)

    assert all(sum(now - timedelta(minutes=1) < each <= now for each in gone) <= 5 for now in gone)
    assert gone[-1] - NOW < timedelta(minutes=9)


def test_who_asks_for_patience_gets_it_and_is_trusted_again(scene: Scene) -> None:
    """The domain alone, in every campaign, wherever its letters had been; each quiet spell doubles its rate."""
    scene.pace = Pace((FREE, ORANGE))
    run = scene.start()
    claims = scene.claim(run)
    firm = [one for one in claims if at(scene, [one])["firm"]]
    scene.close(scene.open(run, tuple(firm[:1])), PATIENCE)
    scene.later(seconds=1.1)
    late = scene.open(run, tuple(firm[1:]))
    with scene.store.read() as connection:
        (there,) = ledger.in_lanes(connection, scene.campaign, scene.now)[:1]
    scene.close(late, ACCEPTED)
    scene.later(seconds=1.1)
    one = scene.claim(run)
    scene.now = NOW + RECOVERS
    all_of_them = scene.claim(run)

    assert len(late) == 1  # of seven that were claimed before
    assert (there.domain, there.letters, str(there.limits)) == ("firm.example", 6, "1/second 1 at once")
    assert at(scene, one)["firm"] == 1
    assert at(scene, all_of_them)["firm"] == 6  # the one that was deferred is due again


def test_a_provider_is_slowed_down_with_all_its_domains(scene: Scene) -> None:
    """Its lane becomes the narrower; what the settings allow is not widened."""
    run = scene.start()
    opened = scene.open(run, scene.claim(run))
    scene.close(only(scene, opened, "orange"), PATIENCE)
    scene.later(milliseconds=500)
    soon = at(scene, scene.claim(run))
    scene.later(seconds=1)
    later = scene.claim(run)

    assert soon["orange"] == 0
    assert at(scene, later)["orange"] == 1


def test_letters_of_a_paused_domain_leave_their_lane(scene: Scene) -> None:
    """A pause is above the pace: nothing is claimed, and nothing is waited for."""
    scene.pace = Pace((FREE,))
    run = scene.start()
    opened = scene.open(run, scene.claim(run))
    scene.close(only(scene, opened, "free"), REFUSED)
    for _ in range(2):
        scene.later(minutes=1)
        scene.send(run, REFUSED)
    scene.later(hours=1)

    assert scene.claim(run) == ()
    assert wait(scene) is None


def test_a_stopped_campaign_waits_for_nobody(scene: Scene) -> None:
    """Its run ends, so that the operator is told, however many letters wait in lanes."""
    run = scene.start()
    flying = scene.open(run, scene.claim(run))
    with scene.store.write() as connection:
        refusal = Answer(Outcome.REFUSED, 550, "5.7.1", stage="mail")
        ledger.give_back(connection, flying[:1], scene.now, refusal)

    assert scene.claim(run) == ()
    assert wait(scene) is None


def test_lanes_that_are_lifted_let_their_letters_go(scene: Scene) -> None:
    """At the next run: settings are read then."""
    ledger.end(scene.store, scene.state, scene.start(), scene.now)
    scene.pace = Pace()

    assert len(scene.claim(scene.start())) == 24


def test_the_day_has_a_ceiling(scene: Scene) -> None:
    """Half as many again as on the best day; days without mails teach nothing. What was refused counts: it was seen."""
    scene.pace = Pace(from_domain="eluard.example", warm_up=WarmUp(4, 50))
    days = []
    for _ in range(4):
        run = scene.start()
        days.append(len(scene.send(run, ACCEPTED)))
        assert (scene.claim(run), wait(scene)) == ((), None) or not scene.sums().waiting
        scene.later(hours=48)

    assert days == [4, 6, 9, 5]


def test_days_are_counted_without_a_ceiling(scene: Scene) -> None:
    """So that a warm-up which is set later knows the domain's best day."""
    scene.pace = Pace(from_domain="eluard.example")
    scene.send(scene.start(), ACCEPTED)
    with scene.store.read() as connection:
        day = ledger.today(connection, "eluard.example", scene.now)
        tomorrow = ledger.today(connection, "eluard.example", scene.now + timedelta(days=1))

    assert (day.sent, day.best) == (24, 0)
    assert (tomorrow.sent, tomorrow.best, tomorrow.left(WarmUp(4, 50))) == (0, 24, 36)


def test_levels_rise_and_fall() -> None:
    """Answers of the same moment count once; a spell of quiet takes one step back; a rate is never made faster."""
    one = Slowness().raised(NOW)
    two = one.raised(NOW + timedelta(seconds=5)).raised(NOW + timedelta(seconds=10))
    most = Slowness(MOST, NOW).raised(NOW + timedelta(minutes=1))
    slow = Limits(Rate(1, HOUR), 3)

    assert (one.at(NOW), two.at(NOW + timedelta(seconds=10)), most.at(NOW + timedelta(minutes=1))) == (1, 2, MOST)
    assert [two.at(two.since + RECOVERS * spells) for spells in range(4) if two.since] == [2, 1, 0, 0]
    assert two.narrowed(Limits(), NOW + timedelta(seconds=10)) == Limits(Rate(1, timedelta(seconds=2)), 1)
    assert two.narrowed(slow, NOW + timedelta(seconds=10)) == Limits(Rate(1, HOUR), 1)
    assert Slowness().narrowed(slow, NOW) == slow


@pytest.mark.parametrize(
    ("answer", "asks"),
    [
        (PATIENCE, True),
        (Answer(Outcome.DEFERRED, 421, None, "too many connections", "dot"), True),
        (GREYLISTED, False),
        (Answer(Outcome.DEFERRED, 421, "4.3.2", "going down", "rcpt"), False),
        (Answer(Outcome.DEFERRED, 452, "4.2.2", "mailbox full", "rcpt"), False),
        (Answer(Outcome.DEFERRED, 421, "4.7.0", "try later", "mail"), False),
        (Answer(Outcome.REFUSED, 550, "5.7.1", "no", "rcpt"), False),
        (Answer(Outcome.UNKNOWN, stage="dot"), False),
    ],
)
def test_what_asks_for_patience(answer: Answer, asks: bool) -> None:
    """The receiver's answer, not the relay's to the sender; greylisting asks for a second try, not for fewer mails."""
    assert asks_for_patience(answer) is asks


def test_two_looks_judge_by_one_moment(scene: Scene) -> None:
    """Where a rate of all has no room, letters outside of all lanes are waited for."""
    scene.pace = Pace((Lane("relay", Limits(Rate(50, timedelta(seconds=1)))),))
    run = scene.start()
    while scene.send(run, ACCEPTED):
        pass

    assert scene.sums().waiting > 0
    assert wait(scene) is not None


def test_a_rate_that_was_too_low_is_forgotten_at_the_next_start(scene: Scene) -> None:
    """What it would ask for still is no more than today's can."""
    scene.pace = Pace((Lane("relay", Limits(Rate(1, timedelta(days=1)))),))
    scene.send(scene.start(), ACCEPTED)
    scene.pace = Pace((Lane("relay", Limits(Rate(10, timedelta(seconds=1)))),))
    run = scene.start()
    scene.later(seconds=1)

    assert len(scene.claim(run)) >= 1


def test_the_dead_hold_nobody_up_once_they_are_buried(scene: Scene) -> None:
    """What was on the wire of a killed run is waited for by nobody then."""
    first, second = scene.start(), scene.start()
    scene.open(first, scene.claim(first))
    die(first)
    before = at(scene, scene.claim(second))
    ledger.reap(scene.store, scene.state, scene.now)
    after = at(scene, scene.claim(second))

    assert (before["orange"], after["orange"]) == (0, 2)


def test_a_lane_with_letters_of_another_campaign_stays(scene: Scene) -> None:
    """It has recovered, and its letters are found all the same."""
    run = scene.start()
    claims = scene.claim(run)
    firm = [one for one in claims if at(scene, [one])["firm"]]
    scene.close(scene.open(run, tuple(firm[:1])), PATIENCE)
    scene.open(run, tuple(firm[1:]))
    scene.later(hours=1)
    with scene.store.write() as connection:
        summer = ledger.identify(connection, "summer", Path("/c/summer.yaml"), {"offer": "b"}, NOW).id
    Scene(scene.store, scene.state, summer, scene.now, scene.pace).start()

    assert at(scene, scene.claim(run))["firm"] == 8


def test_a_pace_that_is_set_keeps_what_was_asked_for(scene: Scene) -> None:
    """The domain asked for patience before it was named in the settings."""
    run = scene.start()
    firm = [one for one in scene.claim(run) if at(scene, [one])["firm"]]
    scene.close(scene.open(run, tuple(firm[:1])), PATIENCE)
    ledger.end(scene.store, scene.state, run, scene.now)
    scene.pace = Pace((Lane("own", Limits(Rate(20, timedelta(seconds=1)), 4), frozenset([domain("firm.example")])),))
    scene.later(seconds=3)
    sent = at(scene, scene.open(second := scene.start(), scene.claim(second)))

    assert sent["firm"] == 1


def test_what_never_left_is_not_counted(scene: Scene) -> None:
    """Given back, or put off before a receiver was named: the day has as many left as before."""
    scene.pace = Pace(from_domain="eluard.example", warm_up=WarmUp(4, 50))
    run = scene.start()
    opened = scene.open(run, scene.claim(run))
    with scene.store.write() as connection:
        ledger.give_back(connection, opened[:2], scene.now, pace=scene.pace)
    scene.close(opened[2:], Answer(Outcome.DEFERRED, 451, "4.3.0", "later", "mail"))
    with scene.store.read() as connection:
        day = ledger.today(connection, "eluard.example", scene.now)

    assert (len(opened), day.sent) == (4, 0)


def test_machines_that_lock_several_lanes_never_wait_in_a_circle(scene: Scene) -> None:
    """Each asks for letters and hears answers in an order of its own; what it locks, it locks once and in one order."""
    names = [f"d{number}.example" for number in range(12)]
    scene.pace = Pace(
        tuple(Lane(name[:3], Limits(at_once=1000), frozenset([domain(name)])) for name in names), "x.example"
    )

    def turns(seed: int) -> int:
        draw = Random(seed)
        for _ in range(40):
            some = draw.sample(names, 4)
            asked = {contact_id(number): domain(name) for number, name in enumerate(some[:2])}
            with scene.store.write(beside_others=True) as connection:
                heard = Heard([domain(name) for name in some[2:]], unsaid=1)
                let_through(connection, scene.pace, asked, scene.now, heard)
        return seed

    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(turns, range(3))] == [0, 1, 2]
