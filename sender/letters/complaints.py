"""The complaints about templates and letters: codes, and the errors that carry them."""

from __future__ import annotations

from sender.errors import Complaint, Place

COMPLAINTS: dict[str, str] = {
    "SC-401": "a template file is not there",
    "SC-402": "a template file is too large or not UTF-8",
    "SC-403": "a template does not follow Jinja2's grammar",
    "SC-404": "a template uses a name that does not exist",
    "SC-405": "a template uses a contact column that the contact file does not have",
    "SC-406": "a template uses a construction that mails cannot have",
    "SC-407": "an included template is not there",
    "SC-408": "a template failed while it was rendered",
    "SC-410": "an image named in a template is not there",
    "SC-411": "the name of an image is computed",
    "SC-412": "an image lies outside the template's folder",
    "SC-413": "a file used as image is no PNG, JPEG, GIF or WebP",
    "SC-414": "a template links to an external style sheet",
    "SC-415": "the style sheets of a template cannot be inlined",
    "SC-420": "an attachment is not there",
    "SC-421": "images and attachments are too large together",
    "SC-430": "a header in message.headers may not be set there",
    "SC-431": "a value in message.headers cannot be written",
}


def construction(what: str, why: str, todo: str, place: Place) -> Complaint:
    """A construction that is Jinja2, but nothing for a mail."""
    return Complaint("SC-406", what, why, todo, place)
