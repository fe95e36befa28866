#!/bin/sh
# Starts a kernel: sh launch.sh NODE CONNECTION_FILE. The process's own stdout and stderr become pipes
# that the kernel itself reads (4 and 5), so that what children and addons print there is shown under
# the cell; 3 is the stderr that Jupyter gave, for the kernel's log. Node's first flag lets the kernel
# decide what import() in a cell loads; without the second, Node 24 ends when a timer is interrupted.
kernel=$(dirname "$0")/launch.mjs
if ! command -v "$1" >/dev/null; then
  echo "kernel: $1 is not a program: install Node.js or correct the kernel's kernel.json" >&2
  exit 127
fi
if ! pipes=$(mktemp -d) || ! mkfifo "$pipes/out" "$pipes/err"; then
  exec "$1" --experimental-vm-modules --no-force-async-hooks-checks "$kernel" "$2"
fi
# A pipe opens only when both ends do: 8 and 9 are both at first.
exec 3>&2 8<>"$pipes/out" 9<>"$pipes/err"
exec 4<"$pipes/out" 5<"$pipes/err" 1>"$pipes/out" 2>"$pipes/err" 8<&- 9<&-
rm -r "$pipes"
exec "$1" --experimental-vm-modules --no-force-async-hooks-checks "$kernel" "$2" --captured
