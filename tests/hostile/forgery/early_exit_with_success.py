"""Ends with success before anything is done. Must: have finished, with nothing taken out: exit codes decide nothing.

Ends: finished
Stopped by: exit codes decide nothing
"""

import os

os._exit(0)
