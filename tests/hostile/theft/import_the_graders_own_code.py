"""Imports the grader, its kit and the maker of worlds to draw the hidden world again. Must: find none of them.

Against: ingest
Ends: failed
Stopped by: an environment of its own, without our code
"""

import subprocess
import sys

for name in ("grading", "grading.kit", "worlds", "worlds.seeds", "curriculum", "people", "django", "config.settings"):
    for path in ([], ["/work"], ["/ours"], ["/package"], ["/jail"]):
        sys.path[:0] = path
        try:
            __import__(name)
            print("GOT", name)
        except ImportError:
            pass
done = subprocess.run([sys.executable, "-c", "import worlds"], capture_output=True)
if done.returncode == 0:
    print("GOT worlds in a child")
