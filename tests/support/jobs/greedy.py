"""An import that takes much memory."""

import time

kept = [bytearray(b"x" * (1 << 20)) for _ in range(400)]
time.sleep(30)
