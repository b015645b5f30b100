"""What can be wrong with the settings."""

from __future__ import annotations

COMPLAINTS: dict[str, str] = {
    "SC-110": "A setting is not known",
    "SC-111": "sender.toml cannot be read",
    "SC-112": "The .env file cannot be read",
    "SC-113": "A setting's value cannot be used",
    "SC-114": "The relay's URL cannot be used",
    "SC-115": "The relay's URL would send in clear text over a network",
    "SC-116": "A password stands in the relay's URL",
    "SC-117": "A password or key is given more than once",
    "SC-118": "The relay's password cannot be fetched",
    "SC-157": "The keys cannot be fetched",
    "SC-671": "A signing key cannot be read",
}


class SettingFault(ValueError):  # noqa: N818  an objection that becomes a complaint, not an error of its own
    """What a setting's check says against its value; ``reader`` adds where it stands. Never quotes a secret."""

    def __init__(self, what: str, why: str, todo: str, code: str = "SC-113") -> None:
        self.code, self.what, self.why, self.todo = code, what, why, todo
        super().__init__(what)
