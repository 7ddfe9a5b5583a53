"""The words of the command line. Imports nothing that has to be installed: --help comes before the libraries."""

from __future__ import annotations

import argparse


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="bench-peers", description="Times maxsharpe beside NumPy, PyTorch and CuPy; see bench/peers/README.md."
    )
    words.add_argument(
        "--program", default="build/release/maxsharpe", metavar="PATH", help="the maxsharpe to time (%(default)s)"
    )
    words.add_argument("--quick", action="store_true", help="shorter samples, fewer repetitions")
    words.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,...", help="these peers (all)")
    words.add_argument("-o", "--output", metavar="FILE", help="JSON into FILE, the table to standard output")
    return words


if __name__ == "__main__":
    parser().parse_args()
