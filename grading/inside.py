"""Where things lie inside a jail: known to the line, which lays them out, and to the examiner, which reads them."""

WORK = "/work"
PACKAGE = "/package"
OURS = "/ours"
# What leaves a jail is one flat folder, so the files of a probe are told apart by a prefix.
SEPARATOR = "--"
