"""Adds the column scipy_p to crosscheck.csv, which crosscheck.R has written."""

import csv

from scipy.stats import mannwhitneyu

with open("crosscheck.csv", newline="") as f:
    rows = list(csv.DictReader(f))
for row in rows:
    a, b = ([float(v) for v in row[side].split()] for side in "ab")
    method = "exact" if row["exact"] == "TRUE" else "asymptotic"
    row["scipy_p"] = repr(float(mannwhitneyu(b, a, alternative="two-sided", method=method).pvalue))
with open("crosscheck.csv", "w", newline="") as f:
    out = csv.DictWriter(f, rows[0].keys(), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
