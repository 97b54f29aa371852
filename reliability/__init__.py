"""Nothing lost, nobody let in: fuzzing, faults and load. One command each; docs/reliability.md has the figures."""
