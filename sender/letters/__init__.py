"""What do we write? A campaign's templates and a contact go in, the bytes of one letter come out.

    templates = Templates.load(campaign)                    InputError, MissingFile: the campaign is wrong
    rendering = templates.render(contact, Links(...))       CannotCompose: this one letter cannot be written
    letter = Composer(campaign, templates).compose(rendering, message_id=..., date=...)

This room must not know whether a contact may be written to, how a letter leaves, or what became of it; it reads no
data base, no clock and no settings. Only ``message.py`` writes headers, and only this room knows jinja2.
"""

from sender.letters.complaints import COMPLAINTS
from sender.letters.first_contact import notice_sentences, understood
from sender.letters.message import Composer
from sender.letters.mould import Moulds
from sender.letters.reasons import REASONS, CannotCompose
from sender.letters.synthetic import synthetic_contacts
from sender.letters.templates import Templates
from sender.model import Links

__all__ = [
    "COMPLAINTS",
    "REASONS",
    "CannotCompose",
    "Composer",
    "Links",
    "Moulds",
    "Templates",
    "notice_sentences",
    "synthetic_contacts",
    "understood",
]
