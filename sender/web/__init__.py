"""The public pages: the door of those who were written to.

In comes a signed link, out goes a page with a button, or an objection that is on the disk before the answer leaves.
A GET changes nothing, one POST is enough, and whoever has no genuine link learns nothing. The door never sends and
knows neither settings nor data base: what it needs stands in two small ports, which the wiring fills.

A further page is a further file: routes that ask ``reception_of(request)`` for what they need, texts beside the others,
and its routes handed to ``create_app``.
"""

from sender.web.app import create_app
from sender.web.claims import Claim, DataDesk, Done, Known, Settled
from sender.web.clerk import Asked, Confirmed, JoiningDesk, Moved, Moving, MovingDesk
from sender.web.desk import NotRecordedError, ObjectionDesk, Objections, People, Person, Said, Wish
from sender.web.letters import LetterDesk
from sender.web.limits import Bucket, Limits
from sender.web.listening import Doors, door_at, door_on, hand_over, inherited_doors
from sender.web.look import Logo, Look, logo_from
from sender.web.notices import Given, NoticeBoard, Notices
from sender.web.offer import Offer, offer_from
from sender.web.reception import Proxies, Reception, reception_of
from sender.web.server import Ending, serve

__all__ = [
    "Asked",
    "Bucket",
    "Claim",
    "Confirmed",
    "DataDesk",
    "Done",
    "Doors",
    "Ending",
    "Given",
    "JoiningDesk",
    "Known",
    "LetterDesk",
    "Limits",
    "Logo",
    "Look",
    "Moved",
    "Moving",
    "MovingDesk",
    "NotRecordedError",
    "NoticeBoard",
    "Notices",
    "ObjectionDesk",
    "Objections",
    "Offer",
    "People",
    "Person",
    "Proxies",
    "Reception",
    "Said",
    "Settled",
    "Wish",
    "create_app",
    "door_at",
    "door_on",
    "hand_over",
    "inherited_doors",
    "logo_from",
    "offer_from",
    "reception_of",
    "serve",
]
