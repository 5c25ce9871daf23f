#!/usr/bin/env python3
"""Hold fibsim's servers against those of a real interpreter, model by model.

    internal/cpython/beside/servers.py [--fibsim PATH] [--python PATH] [--model M ...] [--case C ...]

A case is a model of server and its clients. fibsim runs it under the emulated lock
and in the interpreter, in turn (A B, B A, ...), with the same client processes and
with the cost of a call of fib that the interpreter has, measured anew every two
rounds: the speed of a host drifts. A round is one run of each.

one     a fast client in an open loop, fib(1), next to one client that asks for
        fib(30) in a closed loop: the fast one's median latency, and the mean
        latency of the slow one
two     the same next to two slow clients: the fast one's median latency
closed  a fast client in a closed loop next to one slow one: its requests a second

A latency is OK when the 90 % interval of the ratio of the two means over the rounds
lies within the margin, OFF when it lies outside, UNDECIDED when neither holds after
--max rounds. A rate is OK when of eight rounds of each at least six lie in the range
of the other's rounds, widened by a factor of 1.3; where it is not, eight more rounds
may show it, and both are printed. The exit status is 1 unless everything is OK.
"""
import argparse
import csv
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

MODELS = ["threads", "processes", "coroutines+processes"]
CASES = ["one", "two", "closed"]
WIDER = 1.3        # of the range of rates
ENOUGH = 0.75      # of the rounds, inside that range

# How far the latencies may be apart, as a factor.
ALONE = {"threads": 1.15}      # next to one slow client
PAIR = {"threads": 1.5}        # next to two
POOL = 1.3                     # the models with a pool
SLOW = 1.15                    # of the slow client


def scenario(model, case, a):
    server = {"model": model}
    if model != "threads":
        server["workers"] = a.workers
    fast = {"name": "fast", "request": {"fib": 1}}
    if case == "closed":
        fast["samples"] = "1/100"
    else:
        fast["rate"] = "20/s"
    return json.dumps({  # which is YAML, too
        "version": 1, "name": "beside", "title": "Servers side by side",
        "question": "How far is the emulator from the interpreter?",
        "warmup": "300ms", "duration": "%dms" % round(a.seconds * 1000),
        "interpreter": {"lock": "cpython-3", "pace": "python"},
        "server": server,
        "clients": [{"name": "slow", "count": 2 if case == "two" else 1, "request": {"fib": 30}}, fast],
    })


def run(model, case, rounds, seed, a):
    """Return the rows of summary.csv of so many rounds, by backend and group."""
    with tempfile.TemporaryDirectory() as folder:
        file, results = os.path.join(folder, "beside.yaml"), os.path.join(folder, "results")
        with open(file, "w") as f:
            f.write(scenario(model, case, a))
        python = "--python=" + a.python if a.python else "--python"
        command = [a.fibsim, "run", file, "--gil", python, "--no-baseline",
                   "--repeat", str(rounds), "--seed", str(seed), "-o", results, "--quiet"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        if done.returncode:
            sys.exit("%s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stderr[-2000:]))
        rows = {}
        with open(os.path.join(results, "summary.csv"), newline="") as f:
            for row in csv.DictReader(f):
                if row["phase"] == "measure":
                    backend = "fibsim" if row["backend"] == "gil" else "python"
                    rows.setdefault((backend, row["group"]), []).append(row)
        return rows


def column(rows, backend, group, name):
    values = []
    for row in rows[backend, group]:
        if row[name] == "":
            sys.exit("too few requests of %s for %s in a round; make --seconds longer" % (group, name))
        values.append(float(row[name]))
    return values


def interval(x, y):
    """Return the 90 % interval of mean(y) - mean(x): Welch's, with a normal quantile
    that is wider for few rounds."""
    middle = statistics.mean(y) - statistics.mean(x)
    error = math.sqrt(statistics.variance(x) / len(x) + statistics.variance(y) / len(y))
    z = 1.645 * (1 + 1.0 / max(1, len(x) + len(y) - 4))
    return middle - z * error, middle + z * error


def equal(python, fibsim, margin):
    """Return the verdict on two lists of positive figures, and the interval of their ratio."""
    low, high = interval([math.log(v) for v in python], [math.log(v) for v in fibsim])
    limit = math.log(margin)
    if -limit <= low and high <= limit:
        verdict = "OK"
    elif high < -limit or low > limit:
        verdict = "OFF"
    else:
        verdict = "UNDECIDED"
    return verdict, math.exp(low), math.exp(high)


def inside(values, others):
    """Return how many values lie in the wider range of the others."""
    low, high = min(others) / WIDER, max(others) * WIDER
    return sum(low <= v <= high for v in values)


def listed(values, scale):
    return " ".join("%.4g" % (v / scale) for v in values)


class Case(object):
    """One model and its clients, and what was found."""

    def __init__(self, model, case, a):
        self.model, self.case, self.a = model, case, a
        self.figures = {}  # by watched figure and backend, one for each round
        self.rounds = 0

    def watched(self):
        """Return what is compared: its name, group, column and margin."""
        if self.case == "closed":
            return [("fast requests/s", "fast", "throughput_per_s", None)]
        margins = ALONE if self.case == "one" else PAIR
        all = [("fast p50", "fast", "latency_p50_ns", margins.get(self.model, POOL))]
        if self.case == "one":
            all.append(("fib(30) mean", "slow", "latency_mean_ns", SLOW))
        return all

    def more(self):
        for first in range(0, self.a.rounds, 2):
            rounds = min(2, self.a.rounds - first)
            rows = run(self.model, self.case, rounds, self.a.seed + self.rounds, self.a)
            for name, group, field, _ in self.watched():
                for backend in ("python", "fibsim"):
                    self.figures.setdefault((name, backend), []).extend(column(rows, backend, group, field))
            self.rounds += rounds

    def verdicts(self):
        """Return a verdict, and what it is based on, for each figure."""
        for name, _, field, margin in self.watched():
            python, fibsim = self.figures[name, "python"], self.figures[name, "fibsim"]
            if margin is None:
                python, fibsim = python[-self.a.rounds:], fibsim[-self.a.rounds:]
                here, there = inside(fibsim, python), inside(python, fibsim)
                verdict = "OK" if min(here, there) >= ENOUGH * self.a.rounds else "OFF"
                text = "inside the other's range x%.1f: fibsim %d, python %d of %d" % (WIDER, here, there, self.a.rounds)
                scale, unit = 1, "/s"
            else:
                verdict, low, high = equal(python, fibsim, margin)
                text = "x%.3f [%.3f, %.3f] margin x%.2f" % (math.sqrt(low * high), low, high, margin)
                scale, unit = 1e6, "ms"
            yield verdict, "%-22s %-6s %-15s %-9s %s\n    python %s %s\n    fibsim %s %s" % (
                self.model, self.case, name, verdict, text, listed(python, scale), unit, listed(fibsim, scale), unit)

    def hold(self):
        """Run rounds until there is a verdict, print what was found, and return
        whether all is OK."""
        while True:
            self.more()
            found = list(self.verdicts())
            good = all(verdict == "OK" for verdict, _ in found)
            if self.case == "closed":
                # One repeat is allowed, and shown.
                print(found[0][1], flush=True)
                if good or self.rounds > self.a.rounds:
                    return good
            elif all(verdict != "UNDECIDED" for verdict, _ in found) or self.rounds + self.a.rounds > self.a.max:
                for _, text in found:
                    print(text, flush=True)
                return good


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--fibsim", default="fibsim", help="the program (default: fibsim on PATH)")
    p.add_argument("--python", default="", help="the interpreter (default: python3 on PATH)")
    p.add_argument("--model", nargs="+", choices=MODELS, default=MODELS)
    p.add_argument("--case", nargs="+", choices=CASES, default=CASES)
    p.add_argument("--rounds", type=int, default=8, help="rounds before a verdict (default: 8)")
    p.add_argument("--max", type=int, default=32, help="rounds at most (default: 32)")
    p.add_argument("--seconds", type=float, default=3, help="length of a run (default: 3)")
    p.add_argument("--workers", type=int, default=4, help="processes of a pool (default: 4)")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    if a.rounds < 3 or a.max < a.rounds:
        p.error("must be 3 <= --rounds <= --max")
    held = [Case(model, case, a).hold() for model in a.model for case in a.case]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
