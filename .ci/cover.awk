# Reads a coverage profile and prints the percentage of executed statements of
# each package; fails if one has less than "least" percent. The profile contains
# a block once for every package whose tests could have executed it.

/^mode:/ { next }

{
  split($1, at, ":")
  package = at[1]
  sub(/\/[^\/]*$/, "", package)
  if (!($1 in statements)) {
    statements[$1] = $2
    total[package] += $2
  }
  if ($3 > 0 && !($1 in run)) {
    run[$1] = 1
    covered[package] += $2
  }
}

END {
  for (package in total) {
    n++
    share = 100 * covered[package] / total[package]
    printf "%5.1f %%  %s\n", share, package | "sort -k3"
    if (share < least) missing = missing " " package
  }
  close("sort -k3")
  if (n == 0) {
    print "the profile is empty"
    exit 1
  }
  if (missing != "") {
    print "less than " least " %:" missing
    exit 1
  }
}
