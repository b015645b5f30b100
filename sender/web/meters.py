"""Figures for Prometheus: how many, how long, never who."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Meters"]

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})


class Meters:
    """One set for each server; their names begin with ``send_campaign_pages_``."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        name = "send_campaign_pages"
        self.answers = Counter(
            f"{name}_answers", "Answers by method and status.", ("method", "status"), registry=self._registry
        )
        self.objections = Counter(
            f"{name}_objections", "Objections that were kept, repeated ones included.", registry=self._registry
        )
        self.lost = Counter(
            f"{name}_objections_not_kept", "Objections that could be kept nowhere.", registry=self._registry
        )
        self.seconds = Histogram(
            f"{name}_objection_seconds",
            "From the request to the objection on the disk.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=self._registry,
        )
        self.undone = Counter(
            f"{name}_undone", "Objections taken back, by result.", ("result",), registry=self._registry
        )
        self.reasons = Counter(f"{name}_reasons", "Why people objected.", ("reason",), registry=self._registry)
        self.choices = Counter(f"{name}_choices", "Choices that were kept.", registry=self._registry)
        self.newcomers = Counter(f"{name}_opt_ins", "Opting in, by step.", ("step",), registry=self._registry)
        self.data = Counter(f"{name}_data", "Asked of one's own data, by step.", ("step",), registry=self._registry)
        self.limited = Counter(f"{name}_limited", "Requests refused as too many.", registry=self._registry)
        self.behind = Gauge(
            f"{name}_base_behind", "1 while the base has not seen all of the objections file.", registry=self._registry
        )

    def answered(self, method: str, status: int) -> None:
        self.answers.labels(method if method in _METHODS else "other", str(status)).inc()

    def text(self) -> bytes:
        """All of them, in the text format."""
        return generate_latest(self._registry)
