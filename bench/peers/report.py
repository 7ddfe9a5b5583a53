"""The figures as a Markdown table."""

from __future__ import annotations

from typing import Any

_HEAD = "| | simulations a second | factor | seconds for the whole task | spread | |\n|---|---:|---:|---:|---:|---|"
_IDLE_LOAD = 0.25  # for each core; above, something else computes too


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _row(entry: dict[str, Any]) -> str:
    name = f"**{entry['method']}**" if entry["ours"] else entry["method"]
    if "skipped" in entry or "failed" in entry:
        why = "skipped: " + entry["skipped"] if "skipped" in entry else "FAILED: " + entry["failed"]
        return f"| {name} | | | | | {' '.join(why.split()).replace('|', '/')} |"
    how = "measured" if entry["whole"] else f"extrapolated from {entry['portfolios']:,} portfolios"
    factor = _number(entry["factor"]) if entry["factor"] else ""
    rate, seconds = _number(entry["simulations_per_second"]), _number(entry["task_seconds"])
    times = entry["seconds"]
    spread = (times["largest"] - times["smallest"]) / times["median"]
    return f"| {name} | {rate} | {factor} | {seconds} | {spread:.0%} | {how} |"


def _libraries(entries: list[dict[str, Any]]) -> str:
    """Each library once, as the processes that were timed had it."""
    found = {}
    for entry in entries:
        libraries = entry.get("libraries", {})
        for name in ("numpy", "torch", "cupy", "gpu"):
            if name in libraries:
                found[name] = f"{name} {libraries[name]}"
        for pool in libraries.get("threads", []):
            if pool["architecture"]:
                found[pool["internal_api"]] = (
                    f"{pool['internal_api']} {pool['version']} ({pool['architecture']} kernels)"
                )
            elif pool["internal_api"] == "mkl":
                found["mkl"] = f"mkl {pool['version']}"
    return ", ".join(found.values())


def markdown(result: dict[str, Any]) -> str:
    task, machine, entries = result["task"], result["machine"], result["entries"]
    title = (
        f"{task['assets_per_portfolio']} of {task['assets']} assets, none above {task['max_weight']:.0%}: "
        f"{task['portfolios']:,} portfolios, {task['simulations']:,} simulations each. "
        f"Medians of {result['repetitions']} in turn; spread: largest less smallest over median."
    )
    load = machine["load_average_at_start"]
    if load > _IDLE_LOAD * machine["cores"]:
        title += f" **The machine was not idle before (load average {load:.1f}): not to be cited.**"
    where = (
        f"{machine['cpu']}, {machine['cores']} cores; Python {machine['python']}, {_libraries(entries)}; "
        f"maxsharpe {result['program']['version']} ({result['program']['kernel']}), commit {machine['commit']}, "
        f"{machine['date']}."
    )
    return "\n".join([title, "", _HEAD, *map(_row, entries), "", where])
