"""Kills itself as the kernel would, hoping for another try at no cost. Must: be told that its own code stopped.

Against: ingest
Ends: broken
Stopped by: the reference is run on the same worker
"""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
