"""Style sheets written into the elements they concern, because many mail programs drop them from the head."""

from __future__ import annotations

import css_inline

from sender.errors import InputError

# Media queries stay in the head: they make the letter fit narrow screens and dark ones. Nothing is fetched.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def inline_styles(html: str) -> str:
    """The document with its style sheets inlined."""
    try:
        return _INLINER.inline(html)
    except css_inline.InlineError as error:
        raise InputError.of(
            "SC-415",
            f"the style sheets cannot be inlined: {error}",
            why="Without its styles the letter would not look as it was written.",
            todo="Correct the <style> elements of the template.",
        ) from error
