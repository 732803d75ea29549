"""How fast and how large, each figure beside a baseline measured in the same run. `python -m benchmarks` prints one table."""
