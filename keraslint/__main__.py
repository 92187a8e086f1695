"""The command `keraslint`, also as `python -m keraslint`. It may be interrupted before its parts are loaded."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Load the commands and follow the command line; this ends the process."""
    try:
        from keraslint import cli
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    cli.main()


if __name__ == "__main__":
    main()
