"""``send-campaign form``: the opt-in form as plain HTML, to be put into a site of one's own."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from sender.errors import Exit


def form(
    *,
    language: Annotated[Literal["fr", "en"] | None, Parameter(help="Of the form; else that of the settings.")] = None,
) -> Exit:
    """Print the opt-in form as HTML for another site: no script, no cookie, the words as the settings have them.

    Change none of its words: they are what people agree to. When opt_in changes, print it anew; until then a form with
    the old words leads to the page with the new ones.
    """
    from sender.cli import wiring
    from sender.cli.desks import demand_pages, offer_of
    from sender.cli.terminal import out
    from sender.links import OPT_IN_PATH
    from sender.web.forms import as_html
    from sender.web.joining import form_of

    settings = wiring.settings_for(None)
    spoken = language or settings.language
    page = demand_pages(settings) + OPT_IN_PATH
    html = as_html(form_of(offer_of(settings), spoken, page, trap=False), spoken)
    out().print(html.replace("><", ">\n<"), markup=False, highlight=False, soft_wrap=True)
    return Exit.AS_PLANNED
