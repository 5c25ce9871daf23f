# Writes crosscheck.csv: samples and what R's wilcox.test says of them. Run it in
# this directory, then crosscheck.py, which adds what SciPy says:
#
#	Rscript crosscheck.R && /usr/bin/python3 crosscheck.py
#
# The shift is from a to b, so b is R's first sample. Exact where R can be: without
# ties. A sample of the same kind for each pair of sizes, and one with ties.
set.seed(20)
row <- function(a, b, exact) {
  t <- suppressWarnings(wilcox.test(b, a, conf.int = TRUE, exact = exact, correct = TRUE))
  text <- function(v) paste(formatC(v, format = "f", digits = 6, drop0trailing = TRUE), collapse = " ")
  ties <- anyDuplicated(c(a, b)) > 0
  # With ties R solves for the bounds; ours are differences, so they are left out.
  bounds <- if (exact && !ties) c(t$estimate, t$conf.int) else c(NA, NA, NA)
  cat(text(a), text(b), exact, t$p.value, bounds, sep = ",", fill = FALSE)
  cat("\n")
}
sink("crosscheck.csv")
options(digits = 17)
cat("a,b,exact,r_p,r_shift,r_low,r_high\n")
for (m in c(4, 5, 6, 7, 8, 10, 12, 15, 20, 25)) {
  for (n in unique(c(m, 6, 9, 25))) {
    if (n < 4) next
    a <- round(rlnorm(m, 3, 0.2), 6)
    b <- round(rlnorm(n, 3 + runif(1, -0.3, 0.3), 0.2), 6)
    row(a, b, TRUE)
  }
}
for (m in c(26, 30, 60, 100)) {
  a <- round(rlnorm(m, 3, 0.2), 6)
  b <- round(rlnorm(40, 3 + runif(1, -0.1, 0.1), 0.2), 6)
  row(a, b, FALSE)
  row(round(a), round(b), FALSE)
}
sink()
