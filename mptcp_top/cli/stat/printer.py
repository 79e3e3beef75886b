"""From observations to text: which are told, together with which, and what the exit code is."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mptcp_top.cli.explain import unknown_counter
from mptcp_top.cli.stat.told import told_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mptcp_top.cli.selection import Selection
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.model import Observation


class Rounds:
    """Tells the targets' first samples together, then their second ones, and so on."""

    def __init__(self, targets: Sequence[str], draw: Callable[[list[Told]], str]) -> None:
        self._targets = targets
        self._draw = draw
        self._waiting: defaultdict[int, dict[str, Told]] = defaultdict(dict)
        self._told: dict[str, int] = dict.fromkeys(targets, 0)
        self._refused: dict[str, Told] = {}
        self._next = 0

    def __call__(self, told: Told) -> str:
        """Take a target's next sample, and return the text of the rounds that are complete with it."""
        name = told.observation.target.name
        self._waiting[self._told[name]][name] = told
        self._told[name] += 1
        if told.observation.status is Status.AUTH_FAILED:  # it will not be asked again
            self._refused[name] = told
        text = ""
        while self._next in self._waiting:
            together = {**self._refused, **self._waiting[self._next]}
            if len(together) < len(self._targets):
                break
            text += self._draw([together[target] for target in self._targets])
            del self._waiting[self._next]
            self._next += 1
        return text


class Printer:
    """Takes observations as they come, and puts text. The first sample of those in ``warming`` is not told.

    While it is not known whether a pattern that is in no catalogue means something to any target, nothing is put.
    """

    def __init__(
        self, selection: Selection, targets: Collection[str], form: Callable[[Told], str], put: Callable[[str], None]
    ) -> None:
        self._selection = selection
        self._form = form
        self._put = put
        self.tell: Callable[[Observation, Observation | None], Told] = told_of
        self.warming: set[str] = set()
        self._before: dict[str, Observation] = {}
        self._doubtful = set(selection.uncatalogued())
        self._unheard = set(targets)
        self._held: list[str] = []
        self._was_read = False
        self.stop: Callable[[], None] = lambda: None
        self.unread = False
        self.error: SettingsError | None = None

    def show(self, observation: Observation) -> None:
        """Take an observation in, and put what is to be said by now."""
        if self.error is not None:
            return
        try:
            self._take(observation)
        except SettingsError as error:
            self.error = error
        if self.error is not None:
            self.stop()

    def _take(self, observation: Observation) -> None:
        name, failed = observation.target.name, observation.failure is not None
        before = self._before.get(name)
        if not failed:
            self._before[name] = observation
        if name in self.warming and observation.status is not Status.AUTH_FAILED:  # after that there is no second
            self.warming.discard(name)
            return
        self.unread |= failed
        self._held.append(self._form(self.tell(observation, before)))
        if self._doubtful and not self._decide(observation):
            return
        if self.error is None:
            text, self._held = "".join(self._held), []
            if text:
                self._put(text)

    def _decide(self, observation: Observation) -> bool:
        """Return whether it is known by now that the patterns mean something, or that they do not."""
        self._unheard.discard(observation.target.name)
        if observation.failure is None:
            self._was_read = True
            self._doubtful.intersection_update(self._selection.without_any(observation))
        if self._doubtful and self._unheard:
            return False
        if self._doubtful and self._was_read:
            self.error = SettingsError(unknown_counter(min(self._doubtful)))
        self._doubtful.clear()
        return True
