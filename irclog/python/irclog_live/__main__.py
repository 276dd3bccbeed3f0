"""`python -m irclog_live`: the command, in place of this interpreter."""

import os
import subprocess
import sys

from irclog_live import find_irclog


def main() -> None:
    command = [find_irclog(), *sys.argv[1:]]
    if os.name == "posix":
        # The same process: signals and the exit status are the command's own.
        os.execv(command[0], command)
    sys.exit(subprocess.call(command))


if __name__ == "__main__":
    main()
