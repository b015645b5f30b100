"""What can be wrong with signing."""

from __future__ import annotations

COMPLAINTS: dict[str, str] = {
    "SC-670": "Signing is not set, or half set",
    "SC-671": "A signing key cannot be read",
    "SC-672": "Others may read a signing key",
    "SC-673": "This is no signing key that can be used",
    "SC-674": "A signing key is too short",
    "SC-675": "The signing domain is not that of the sender",
    "SC-676": "The key's file is there already, or cannot be written",
    "SC-680": "No key is published for the selector",
    "SC-681": "Several records are published for the selector",
    "SC-682": "What is published is no DKIM key",
    "SC-683": "The published key is revoked",
    "SC-684": "The published key is of another kind",
    "SC-685": "Another key is published",
    "SC-686": "The published key may not be used for this",
    "SC-687": "The DNS gives no answer",
}
