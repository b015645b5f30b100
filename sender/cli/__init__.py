"""The operator's door: commands in, words and exit statuses out.

One file per command; parsing and printing only. ``main`` holds the table of commands, ``wiring`` is the one place
that builds real objects from settings, ``terminal`` the one that knows colours, questions and progress bars.
"""

__all__: list[str] = []
