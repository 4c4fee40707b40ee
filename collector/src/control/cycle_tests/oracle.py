#!/usr/bin/env python3
"""Numbers of the simulated months, computed from the same made-up readings without evenkeel: numpy, scipy, zoneinfo.

    python3 oracle.py > oracle.json
"""
import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
from scipy import stats

STEP = 1800
MASK = (1 << 64) - 1
BERLIN = ZoneInfo("Europe/Berlin")


def noise(seed, place):
    seed, place = int(seed), int(place)
    z = (seed + abs(place) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)


def second(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def agreed(start, end):
    """Seconds outside of Sundays 02:00 to 04:00 in Berlin, wall clock."""
    seconds = second(end) - second(start)
    day = datetime.fromtimestamp(second(start), BERLIN).date() - timedelta(days=1)
    while True:
        wall = [datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN).timestamp() for hour in (2, 4)]
        if wall[0] >= second(end):
            return seconds
        if day.weekday() == 6:
            if datetime.fromtimestamp(wall[0], timezone.utc).astimezone(BERLIN).hour != 2:
                wall[0] = datetime(day.year, day.month, day.day, 3, tzinfo=BERLIN).timestamp()
            seconds -= max(0, min(wall[1], second(end)) - max(wall[0], second(start)))
        day += timedelta(days=1)


def response(vm, at, more, out):
    if at in out:
        return 5.0
    at = int(at)
    day = (at % 86_400) / 86_400
    return round((0.2 + 0.05 * np.sin(day * 2 * np.pi) + 0.05 * noise(3 + vm, at // STEP) + more) * 1e6) / 1e6


def memory(vm, at):
    return 1_000_000_000 + (at - second("2026-09-01T00:00:00Z")) * 463 + int(noise(7 + vm, at // STEP) * 1e7)


def garwood(count, length, known):
    return [1 - stats.chi2.ppf(0.975, 2 * count + 2) / 2 * length / known, 1 - stats.chi2.ppf(0.025, 2 * count) / 2 * length / known]


SEPTEMBER = ("2026-08-31T22:00:00Z", "2026-09-30T22:00:00Z")
OCTOBER = ("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")
FEBRUARY = ("2028-01-31T23:00:00Z", "2028-02-29T23:00:00Z")
VMS = (10, 11)


def ticks(period):
    return range(second(period[0]), second(period[1]), STEP)


def october():
    out = range(second("2026-10-07T10:00:00Z"), second("2026-10-07T12:00:00Z"))
    is_ = np.array([response(vm, at, 0.1, out) for at in ticks(OCTOBER) for vm in VMS])
    was = np.array([response(vm, at, 0.0, range(0)) for at in ticks(SEPTEMBER) for vm in VMS])
    known = agreed(*OCTOBER)
    # The largest of each hour, in 200 equal parts of the two months; each part at the mean time of its hours.
    hours = np.arange(second(SEPTEMBER[0]), second(OCTOBER[1]), 3600)
    peak = np.array([max(memory(vm, at + part) for vm in VMS for part in (0, STEP)) for at in hours], dtype=float)
    part = np.minimum((hours - hours[0]) * 200 // (hours[-1] + 3600 - hours[0]), 199)
    times = np.array([hours[part == one].mean() for one in range(200)])
    levels = np.array([peak[part == one].mean() for one in range(200)])
    low, high = garwood(1, 7200, known)
    return {
        "monthly_availability": 1 - 7200 / known,
        "monthly_ci_low": low,
        "monthly_ci_high": high,
        "burn_rate": 7200 / known / 0.001,
        "response_mean": is_.mean(),
        "response_sd": is_.std(ddof=1),
        "response_mean_before": was.mean(),
        "memory_slope_per_day": stats.theilslopes(levels, times).slope * 86_400,
    }


def late_september():
    known = agreed(*SEPTEMBER)
    low, high = garwood(1, 3600, known)
    period = second(SEPTEMBER[1]) - second(SEPTEMBER[0])
    return {"monthly_availability": 1 - 3600 / known, "monthly_ci_low": low, "monthly_ci_high": high, "mtbf_s": (period - 7200) / 2}


def leap():
    quarter = agreed("2027-12-31T23:00:00Z", "2028-03-31T22:00:00Z")
    born, gone = second("2028-02-10T00:00:00Z"), second("2028-02-20T00:00:00Z")
    lengths = [second(FEBRUARY[1]) - second(FEBRUARY[0]), second(FEBRUARY[1]) - born, gone - second(FEBRUARY[0])]
    return {
        "monthly_budget_s": 0.001 * agreed(*FEBRUARY),
        "quarterly_budget_s": 0.005 * quarter,
        "cpu_mean": float(np.average([0.5, 1.0, 0.5], weights=lengths)),
    }


print(json.dumps({"october": october(), "late_september": late_september(), "leap": leap()}, indent=2))
