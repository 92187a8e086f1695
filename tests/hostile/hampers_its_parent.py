"""Makes it impossible for its parent to work."""
# ends: done
# refused: kill
# needs: no hold on other processes

import contextlib
import os
import resource

with contextlib.suppress(OSError):
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))
with contextlib.suppress(OSError):
    resource.prlimit(os.getppid(), resource.RLIMIT_AS, (1, 1))
