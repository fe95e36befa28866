"""Runs a command in a terminal of its own: terminal.py COLUMNS COMMAND ...

What it prints comes out here, and what comes in here is typed there.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    os.execvp(command[0], command)

sources = [0, terminal]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # Linux tells so that the other end is gone
            data = b""
        if source == 0 and not data:
            sources.remove(0)
        elif source == 0:
            os.write(terminal, data)
        elif data:
            os.write(1, data)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
