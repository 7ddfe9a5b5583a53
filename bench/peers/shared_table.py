"""A search with shared draws: one table of weights for all portfolios, so that two matrix products do everything.

Expected returns are the excess returns of a block of portfolios times the table; variances are the packed covariances
(those off the diagonal twice) times the k (k + 1) / 2 products w_i w_j, made once.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, Optional

import numpy as np

import canonical as program
from searcher import Sample
from task import NO_WINNER, Task, Winner, better

_SEED = 1


class Table:
    """The accepted weights [k][S] of one stream of draws, and the attempts' numbers."""

    def __init__(self, task: Task, generator: Optional[np.random.Generator]) -> None:
        """From the generator, or from the program's shared stream where there is none."""
        wanted, k = task.simulations, task.assets_per_portfolio
        points, first = np.empty((0, k)), 0
        kept = np.empty(0, np.int64)
        while len(kept) < wanted:
            if generator is None:
                spacings = program.exponentials(program.SHARED_STREAM, first, task.attempts, k)
            else:
                spacings = generator.standard_exponential((task.attempts, k))
            block = spacings / spacings.sum(axis=1, keepdims=True)
            accepted = np.flatnonzero(block.max(axis=1) <= task.max_weight)
            points = np.concatenate((points, block[accepted]))
            kept = np.concatenate((kept, first + accepted))
            first += task.attempts
        self.attempts = kept[:wanted]
        self.weights = np.ascontiguousarray(points[:wanted].T, dtype=np.float32)
        rows, columns = np.triu_indices(k)
        self.products = self.weights[rows] * self.weights[columns]


class SharedTableSearcher(ABC):
    def __init__(self, task: Task, block: int) -> None:
        self._task = task
        self._block = block
        self._rows, self._columns = np.triu_indices(task.assets_per_portfolio)
        doubled = task.annual_covariance * (2.0 - np.eye(task.assets))
        self._packed_source = np.ascontiguousarray(doubled, dtype=np.float32).ravel()
        self._excess = task.excess.astype(np.float32)
        self._tables: dict[bool, tuple[Table, Any]] = {}

    # What a library supplies. `Any` stands for its arrays.

    @abstractmethod
    def _hold(self, table: Table) -> Any:
        """The table's arrays where _sharpe_ratios wants them."""

    @abstractmethod
    def _sharpe_ratios(self, held: Any, assets: np.ndarray) -> Any:
        """[portfolios][S]"""

    @abstractmethod
    def _largest(self, sharpe: Any) -> tuple[float, int]:
        """The largest ratio and its index in the flattened array."""

    @abstractmethod
    def _to_numpy(self, array: Any) -> np.ndarray:
        """A copy on the host."""

    # The search itself.

    def search(self, first: int, end: int, canonical: bool = False) -> Winner:
        if canonical not in self._tables:
            made = Table(self._task, None if canonical else np.random.default_rng(_SEED))
            self._tables[canonical] = (made, self._hold(made))
        table, held = self._tables[canonical]
        best = NO_WINNER
        for begin in range(first, end, self._block):
            assets = self._task.portfolios[begin : min(begin + self._block, end)]
            sharpe, place = self._largest(self._sharpe_ratios(held, assets))
            p, s = divmod(place, self._task.simulations)
            best = better(best, Winner(sharpe, begin + p, int(table.attempts[s])))
        return best

    def sample(self, simulations: int) -> Sample:
        generator = np.random.default_rng(_SEED + 1)
        sharpe, attempts = [], 0
        for _ in range(math.ceil(simulations / self._task.simulations)):
            table = Table(self._task, generator)
            ratios = self._sharpe_ratios(self._hold(table), self._task.portfolios[:1])
            sharpe.append(self._to_numpy(ratios).ravel())
            attempts += int(table.attempts[-1]) + 1
        return Sample(np.concatenate(sharpe).astype(np.float64), attempts)

    def close(self) -> None:
        pass

    def _packed(self, assets: np.ndarray) -> np.ndarray:
        """[portfolios][k (k + 1) / 2]"""
        return self._packed_source.take(assets[:, self._rows] * self._task.assets + assets[:, self._columns])
