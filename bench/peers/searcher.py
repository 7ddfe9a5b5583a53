"""What a peer is to the rest of the benchmark."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from task import Winner


class PeerUnavailable(Exception):
    """The peer cannot run here; the message says why."""


class Sample(NamedTuple):
    """Simulations of the first portfolio by a peer's own random numbers, for the comparison of distributions."""

    sharpe: np.ndarray  # of the accepted ones
    attempts: int


class Searcher(Protocol):
    """`search` is what is timed. With `canonical` the same code takes the program's draws in place of its own."""

    def search(self, first: int, end: int, canonical: bool = False) -> Winner:
        """The best simulation of the portfolios first <= rank < end."""

    def sample(self, simulations: int) -> Sample:
        """At least so many simulations of portfolio 0."""

    def close(self) -> None:
        """Ends what it started."""
