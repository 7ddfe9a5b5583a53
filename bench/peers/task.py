"""The reference task: the market, its moments, the portfolios, and what a search of some of them returns."""

from __future__ import annotations

import csv
import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np


class Winner(NamedTuple):
    """The best simulation of a search: its Sharpe ratio and its identity."""

    sharpe: float
    rank: int
    attempt: int

    def is_better_than(self, other: Winner) -> bool:
        if self.sharpe != other.sharpe:
            return self.sharpe > other.sharpe
        return (self.rank, self.attempt) < (other.rank, other.attempt)


NO_WINNER = Winner(-math.inf, -1, -1)


def better(a: Winner, b: Winner) -> Winner:
    return b if b.is_better_than(a) else a


@dataclass(frozen=True)
class Task:
    """Which portfolios of which assets, and how they are judged. The program's defaults stand here too."""

    returns: np.ndarray  # [periods][assets], simple returns of one period
    assets_per_portfolio: int = 25
    max_weight: float = 0.2
    simulations: int = 1000  # of each portfolio
    risk_free: float = 0.05
    periods_per_year: float = 252.0

    @property
    def assets(self) -> int:
        return self.returns.shape[1]

    @property
    def portfolio_count(self) -> int:
        return math.comb(self.assets, self.assets_per_portfolio)

    @cached_property
    def mean(self) -> np.ndarray:
        return self.returns.mean(axis=0)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Of the sample: divisor periods - 1."""
        return np.cov(self.returns, rowvar=False)

    @cached_property
    def excess(self) -> np.ndarray:
        """Annual return above the risk-free rate of each asset. With sum w = 1, excess'w is the Sharpe ratio's
        numerator, and the ratio does not change when w is scaled: weights need no division by their sum."""
        return self.periods_per_year * self.mean - self.risk_free

    @cached_property
    def annual_covariance(self) -> np.ndarray:
        return self.periods_per_year * self.covariance

    @cached_property
    def portfolios(self) -> np.ndarray:
        """[rank][k]: every choice of assets, in lexicographic order."""
        choices = itertools.combinations(range(self.assets), self.assets_per_portfolio)
        numbers = np.fromiter(itertools.chain.from_iterable(choices), dtype=np.intp)
        return numbers.reshape(self.portfolio_count, self.assets_per_portfolio)

    @cached_property
    def acceptance(self) -> float:
        """Chance that no weight of a uniform point of the simplex is above the maximum (inclusion and exclusion)."""
        k, cap = self.assets_per_portfolio, self.max_weight
        return sum((-1) ** j * math.comb(k, j) * max(0.0, 1.0 - j * cap) ** (k - 1) for j in range(k + 1))

    @cached_property
    def attempts(self) -> int:
        """Attempts that nearly always (4 standard deviations) hold the simulations of one portfolio."""
        rejected = 1.0 - self.acceptance
        spread = 4.0 * math.sqrt(self.simulations * rejected) / self.acceptance
        return math.ceil((self.simulations / self.acceptance + spread) / 16) * 16


def read_returns(file: str) -> np.ndarray:
    """Simple returns of a wide CSV of prices: dates in the first column, then a column for each asset."""
    with open(file, newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))[1:]
    prices = np.array([[float(cell) for cell in row[1:]] for row in rows])
    return prices[1:] / prices[:-1] - 1.0
