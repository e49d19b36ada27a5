"""The command `coding-agent`. The server starts before anything is imported that it does not need."""

import sys


def main() -> int:
    """Run the command line of this process and return its exit code."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["serve"] and not {"-h", "--help"} & set(arguments):
        from coding_agent.app import serve

        serve()
    from coding_agent.app import command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
