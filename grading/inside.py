"""Where things lie inside a jail: known to the line, which lays them out, and to the examiner, which reads them."""

WORK = "/work"
TREE = "/work/tree"
# A folder of their own, so that no input's name can cover the path at which the host's interpreter is mounted.
INPUTS = "/work/in"
PACKAGE = "/package"
OURS = "/ours"
# What leaves a jail is one flat folder, so the files of a probe are told apart by a prefix.
SEPARATOR = "--"
