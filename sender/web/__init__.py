"""The public pages: the door of those who were written to.

In comes a signed link, out goes a page with a button, or an objection that is on the disk before the answer leaves.
A GET changes nothing, one POST is enough, and whoever has no genuine link learns nothing. The door never sends and
knows neither settings nor data base: what it needs stands in two small ports, which the wiring fills.
"""

from sender.web.app import create_app, serve
from sender.web.desk import NotRecordedError, ObjectionDesk, Objections, People, Person

__all__ = ["NotRecordedError", "ObjectionDesk", "Objections", "People", "Person", "create_app", "serve"]
