"""Prints escape codes, marks that turn the reading direction, and HTML. Must: keep only what can be shown.

Ends: finished
Stopped by: control characters taken out of output
"""

import os

os.write(1, b"\x1b]0;owned\x07\x1b[2J\x9b31m\x00\x08\x7f")
print("\u202e\u2066\u200b\ufeff\u2028<script>alert(1)</script>")
