"""The benchmarks of docs/benchmarks.md: each work beside its floor, measured in one run, told as a ratio."""
