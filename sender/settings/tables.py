"""Settings that are a table in the file, and one line in the environment."""

from __future__ import annotations

__all__ = ["pairs_of"]


def pairs_of(value: object) -> list[tuple[str, object]]:
    """``name=word, other=word``, or a table of the same, in its order; what stands twice is there twice."""
    if isinstance(value, dict):
        return [(str(name), said) for name, said in value.items()]
    parts = [part.partition("=") for part in str(value).split(",") if part.strip()]
    return [(name.strip(), said.strip()) for name, _, said in parts]
