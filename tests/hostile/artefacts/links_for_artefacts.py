"""Puts links in the place of the artefact: to a secret, to a device, to itself. Must: be named and never followed.

Ends: finished
Stopped by: collection without following links
"""

import os

os.chdir("/work/out")
os.symlink(os.environ["HOSTS_FILE"], "rows.csv")
os.symlink("/dev/zero", "model.json")
os.symlink("loop", "loop")
