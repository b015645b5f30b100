"""The conversation of one ``send-campaign CAMPAIGN``: plan, questions, summary, or one JSON object, or silence.

A run that nobody watches and that goes as planned says nothing, so that cron mails nobody. ``--yes``, ``--json`` and
``--practice`` are typed by people: such a run is always told about.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sender.cli.as_json import plan_as_json, summary_as_json
from sender.cli.plans import show_plan
from sender.cli.terminal import ask, err, out, print_json, show_summary, watched
from sender.cli.words import Words
from sender.errors import Exit
from sender.steps.plan import Plan, Summary


@dataclass(frozen=True, slots=True)
class Talk:
    language: str
    practice: bool
    json: bool
    aloud: bool

    @property
    def words(self) -> Words:
        return Words(self.language)

    def show(self, plan: Plan) -> None:
        """The plan, before the question."""
        if watched() or (self.aloud and not self.json):
            show_plan(plan, err(), self.language, practice=self.practice)

    def closed(self, lines: Sequence[str], status: Exit, *, news: bool) -> Exit:
        """Outside its time a campaign is not even judged."""
        if self.json:
            print_json("send/1", {"plan": None, "exit": int(status), "summary": None})
        if news or watched() or (self.aloud and not self.json):
            for line in lines:
                err().print(line, markup=False)
        return status

    def agreed(self, plan: Plan, yes: bool, limit: int | None) -> bool:
        """Whether to go on. Nobody is asked who cannot answer, nor where nothing would be sent."""
        if yes or not watched() or plan.to_send == 0:
            return True
        count = min(plan.to_send, limit or plan.to_send)
        return ask(self.words("question.practise" if self.practice else "question.send", n=count), self.words)

    def wants_double(self, names: tuple[str, ...]) -> bool:
        """Whether the same content is really to go out under another name."""
        return watched() and ask(self.words("question.same_content", names=", ".join(names)), self.words)

    def end(self, plan: Plan, summary: Summary | None, status: Exit) -> Exit:
        """Say how it ended, where somebody is to know; the exit status comes back."""
        if self.json:
            content = {"plan": plan_as_json(plan, self.language), "exit": int(status)}
            print_json(
                "send/1", content | {"summary": summary_as_json(summary, plan.campaign.path) if summary else None}
            )
        elif status is Exit.GATE_REFUSED:
            self._tell_refused(plan)
        elif summary is None:
            err().print(self.words("run.nothing_sent"))
        elif self.aloud or sys.stdout.isatty():
            show_summary(summary, out(), self.words)
        elif status not in {Exit.AS_PLANNED, Exit.DEFERRED} or not summary.old_news:
            show_summary(summary, err(), self.words)
        return status

    def _tell_refused(self, plan: Plan) -> None:
        if not self.aloud and not watched():
            show_plan(plan, err(), self.language, practice=self.practice)
        gates = ", ".join(verdict.gate for verdict in plan.refused)
        err().print(self.words("run.refused_by", gates=gates))
