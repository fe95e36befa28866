"""Runs one notebook through its real kernel with nbclient; each event is a line of JSON on stdout.

usage: execute.py NOTEBOOK SECONDS_PER_CELL OUTPUT TRANSPORT FOLDER
The kernel starts in the notebook's folder, as JupyterLab starts it. OUTPUT receives the notebook with its
outputs. The kernel's connection file lies in FOLDER, and with the TRANSPORT ipc so do its sockets: other users
of the machine cannot open them. Events: started {kernel}, cell {id, seconds}, failed {id, kind, message}. Exit code 1 after failed.
"""
import asyncio
import json
import os
import sys
import time

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

SETTLE_SECONDS = 1.0
"""How long timers and promises that outlive the last cell may take to fail."""


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def describe(error, cell, seconds):
    """The kind and the message of what ended a cell."""
    if isinstance(error, CellTimeoutError):
        return "time-out", f"the cell ran longer than {seconds:g} s (--timeout SECONDS raises the limit)"
    if isinstance(error, DeadKernelError):
        return "dead kernel", "the kernel's process ended while the cell ran"
    stored = [output for output in cell.outputs if output.output_type == "error"]
    return "error", "\n".join(stored[-1].traceback) if stored else str(error)


async def run_cells(client, seconds):
    """Executes the cells in order; returns whether all of them passed."""
    cells = [(i, c) for i, c in enumerate(client.nb.cells) if c.cell_type == "code" and c.source.strip()]
    for index, cell in cells:
        begin = time.perf_counter()
        try:
            await client.async_execute_cell(cell, index)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            kind, message = describe(error, cell, seconds)
            emit("failed", id=cell.id, kind=kind, message=message)
            return False
        emit("cell", id=cell.id, seconds=time.perf_counter() - begin)
    return await settle(client)


async def settle(client):
    """Waits for what the last cells left running: the kernel fails the next cell with a late error."""
    probe = nbformat.v4.new_code_cell("")
    probe.source = f"await new Promise((resolve) => setTimeout(resolve, {SETTLE_SECONDS * 1000:g}));"
    client.nb.cells.append(probe)
    try:
        await client.async_execute_cell(probe, len(client.nb.cells) - 1)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        emit("failed", id="(after the last cell)", kind="late error", message=describe(error, probe, 0)[1])
        return False
    finally:
        client.nb.cells.pop()
    return True


def connection(transport, folder):
    """The settings of the kernel's manager."""
    settings = {"transport": transport, "connection_file": os.path.join(folder, "kernel.json")}
    if transport == "ipc":
        settings["ip"] = os.path.join(folder, "kernel")  # with a number behind, the path of each socket
    return Config({"KernelManager": settings})


async def main(path, seconds, output, transport, folder):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=seconds,
        startup_timeout=120,
        record_timing=False,
        store_widget_state=False,
        config=connection(transport, folder),
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
    )
    emit("started", kernel=notebook.metadata.kernelspec.name)
    try:
        async with client.async_setup_kernel():
            passed = await run_cells(client, seconds)
    except NoSuchKernel as error:
        emit("failed", id="(start)", kind="no kernel", message=f"no kernel is called {error.name}: npm run setup")
        return 1
    except RuntimeError as error:  # nbclient's word for a kernel that does not come up
        emit("failed", id="(start)", kind="no kernel", message=str(error))
        return 1
    nbformat.write(notebook, output)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])))
