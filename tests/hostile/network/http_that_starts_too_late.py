"""Sleeps before it listens to anybody. Must: be left at the deadline.

Against: the client of services
Ends: did not answer within
Stopped by: one deadline and bounds for the whole answer
"""

import time

time.sleep(600)
