"""What a peer must show before it gets a figure.

The same answer: given the program's own draws, its search finds the program's winner among 200 portfolios, and in each
of the 50 best of them its best simulation. The same distribution: by its own random numbers, the mean and the standard
deviation of one portfolio's Sharpe ratios are those of the program's draws, and as many attempts are accepted as the
program says.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

import canonical
from task import Task, Winner

PORTFOLIOS = 200  # that are searched for the same answer
SHARPE_TOLERANCE = 1e-4  # relative; single precision and the program's logarithm leave about 2e-6
SAMPLE = 200_000  # simulations for the same distribution
STANDARD_ERRORS = 5.0  # a false alarm in two million
_TILE = 1024  # simulations in the program's tiles


class CheckFailed(Exception):
    """The message says what differs."""


class Distribution(NamedTuple):
    mean: float
    deviation: float
    mean_error: float  # times the root of the simulations
    deviation_error: float


def program_distribution(task: Task) -> Distribution:
    """Of portfolio 0's Sharpe ratios, from the draws of the program and in double."""
    assets = task.portfolios[0]
    ratios = []
    for tile in range(math.ceil(SAMPLE / _TILE)):
        e = canonical.exponentials(0, 0, _TILE, task.assets_per_portfolio, tile=tile)
        w = e / e.sum(axis=1, keepdims=True)
        w = w[w.max(axis=1) <= task.max_weight]
        variance = np.einsum("si,ij,sj->s", w, task.annual_covariance[np.ix_(assets, assets)], w, optimize=True)
        ratios.append(w @ task.excess[assets] / np.sqrt(variance))
    sharpe = np.concatenate(ratios)
    deviation = float(sharpe.std())
    fourth = float(((sharpe - sharpe.mean()) ** 4).mean())
    return Distribution(
        float(sharpe.mean()),
        deviation,
        deviation * math.sqrt(1.0 + SAMPLE / len(sharpe)),  # the reference is a sample too
        math.sqrt((fourth - deviation**4) * (1.0 + SAMPLE / len(sharpe))) / (2.0 * deviation),
    )


def winners_of(report: dict[str, Any]) -> dict[tuple[int, int], dict[str, Any]]:
    """Ranges of portfolios and what the program found there: the whole range, and the best portfolios one by one."""
    winners = {(0, PORTFOLIOS): report["best"]}
    winners.update({(best["rank"], best["rank"] + 1): best for best in report["top"]})
    return winners


def check_answers(found: list[Winner], winners: dict[tuple[int, int], dict[str, Any]]) -> dict[str, Any]:
    """What a peer found in each of the ranges of `winners`."""
    differences = [_check_answer(*both) for both in zip(found, winners.values())]
    if len(differences) != len(winners):
        raise CheckFailed(f"gives {len(differences)} answers to {len(winners)} questions")
    return {"ranges": len(winners), "largest_relative_difference_of_sharpe": max(differences)}


def _check_answer(found: Winner, best: dict[str, Any]) -> float:
    if (found.rank, 0, found.attempt) != (best["rank"], best["tile"], best["attempt"]):
        raise CheckFailed(
            f"finds rank {found.rank}, tile 0, attempt {found.attempt} ({found.sharpe:.9g}) where the program finds "
            f"rank {best['rank']}, tile {best['tile']}, attempt {best['attempt']} ({best['sharpe']:.9g})"
        )
    difference = abs(found.sharpe / best["sharpe"] - 1.0)
    if not difference <= SHARPE_TOLERANCE:
        raise CheckFailed(f"finds a Sharpe ratio of {found.sharpe:.9g}, the program {best['sharpe']:.9g}")
    return difference


def check_distribution(sample: dict[str, Any], program: Distribution, acceptance: float) -> dict[str, Any]:
    """`sample` is peer_process.py's. Returns how many standard errors lie between the two."""
    root = math.sqrt(sample["simulations"])
    accepted = sample["simulations"] / sample["attempts"]
    off = {
        "mean": (sample["mean"] - program.mean) * root / program.mean_error,
        "deviation": (sample["deviation"] - program.deviation) * root / program.deviation_error,
        "acceptance": (accepted - acceptance) / math.sqrt(acceptance * (1.0 - acceptance) / sample["attempts"]),
    }
    for what, errors in off.items():
        if not abs(errors) <= STANDARD_ERRORS:
            raise CheckFailed(f"its own draws have another {what}: {errors:+.1f} standard errors from the program's")
    return {"simulations": sample["simulations"], "standard_errors_off": off}
