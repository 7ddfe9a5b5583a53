#!/usr/bin/env python3
"""Writes market.csv: a year of daily prices of 30 assets that do not exist.

    python3 examples/make_market.py > examples/market.csv

The simple return of asset i on day t comes from a factor model:

    r[i][t] = drift[i] / 252 + beta[i] * market[t] + sector[s(i)][t] + noise[i][t]

with independent normal factors: the market moves 16 % a year, a sector 7 %, and an asset as much more as makes up the
volatility drawn for it. Everything comes from one seed, and the file is the same with every Python 3 on every machine:
random() is specified to be, and only + - * / and sqrt, which round the same everywhere, come after it.
"""

import datetime
import math
import random
import sys

SEED = 2
DAYS = 253
PERIODS_PER_YEAR = 252
FIRST_DAY = datetime.date(2030, 1, 1)
MARKET_VOLATILITY = 0.16
SECTOR_VOLATILITY = 0.07
SMALLEST_NOISE = 0.14  # of one asset, per year

SECTORS = {
    "birds": ["CRANE", "EGRET", "FINCH", "RAVEN", "ROBIN", "STORK"],
    "beasts": ["BISON", "CAMEL", "HYENA", "MOOSE", "TAPIR", "ZEBRA"],
    "fish": ["BREAM", "PERCH", "ROACH", "SMELT", "TENCH", "TROUT"],
    "trees": ["ALDER", "ASPEN", "BEECH", "CEDAR", "HAZEL", "ROWAN"],
    "stones": ["AGATE", "BERYL", "FLINT", "SHALE", "SLATE", "TOPAZ"],
}

stream = random.Random(SEED)


def uniform(low, high):
    return low + (high - low) * stream.random()


def normals(count):
    """Centred normals: their mean is zero, so that an asset earns its drift and not its luck.

    Each is twelve uniforms less six: variance 1, normal enough, and without a logarithm that machines disagree on.
    """
    draws = []
    for _ in range(count):
        total = -6.0
        for _ in range(12):
            total += stream.random()
        draws.append(total)
    mean = sum_in_order(draws) / count
    return [draw - mean for draw in draws]


def sum_in_order(numbers):
    """What sum() was before Python 3.12 made it more exact."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def business_days(first, count):
    day = first
    while count > 0:
        if day.weekday() < 5:
            yield day
            count -= 1
        day += datetime.timedelta(days=1)


def returns(sector, market):
    """The daily returns of one asset."""
    drift = uniform(-0.05, 0.30)
    beta = uniform(0.7, 1.3)
    volatility = uniform(0.18, 0.40)
    explained = (beta * MARKET_VOLATILITY) * (beta * MARKET_VOLATILITY) + SECTOR_VOLATILITY * SECTOR_VOLATILITY
    noise = math.sqrt(max(volatility * volatility - explained, SMALLEST_NOISE * SMALLEST_NOISE))
    steps = zip(market, sector, normals(len(market)))
    year = math.sqrt(PERIODS_PER_YEAR)
    return [
        drift / PERIODS_PER_YEAR + (beta * MARKET_VOLATILITY * m + SECTOR_VOLATILITY * s + noise * e) / year
        for m, s, e in steps
    ]


def prices(first, steps):
    """Prices from a first price and the returns after it."""
    path = [first]
    for step in steps:
        path.append(path[-1] * (1.0 + step))
    return ["%.2f" % price for price in path]


def main():
    market = normals(DAYS - 1)
    columns = {}
    for tickers in SECTORS.values():
        sector = normals(DAYS - 1)
        for ticker in tickers:
            columns[ticker] = prices(uniform(15.0, 350.0), returns(sector, market))
    tickers = sorted(columns)
    lines = ["Date," + ",".join(tickers)]
    for t, day in enumerate(business_days(FIRST_DAY, DAYS)):
        lines.append(day.isoformat() + "," + ",".join(columns[ticker][t] for ticker in tickers))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
