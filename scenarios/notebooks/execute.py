"""Executes notebooks, and says what came out.

A cell that fails, and one that writes to standard error, ends it with status 1. The
notebooks stay as they are; --save writes what came out elsewhere. It needs nbclient
and ipykernel, and what the notebooks need.
"""

import argparse
import asyncio
import os
import pathlib

import nbclient
import nbformat


async def execute(path, save):
    """Executes one notebook in its folder."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    folder = str(path.resolve().parent)
    await nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).async_execute()
    outputs = [(cell.id, o) for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    for cell, o in outputs:
        if o.output_type == "stream" and o.name == "stderr":
            raise SystemExit(f"{path}: cell {cell} writes to standard error:\n{o.text}")
    if save:
        nbformat.write(notebook, save / path.name)
    pictures = sum("image/png" in o.get("data", {}) for _, o in outputs)
    tables = sum("text/html" in o.get("data", {}) for _, o in outputs)
    return f"{path.name}: {pictures} pictures, {tables} tables"


async def main():
    """Executes all at once, each in a kernel of its own."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("notebook", nargs="+", type=pathlib.Path)
    arguments.add_argument("--save", type=pathlib.Path, metavar="DIR", help="write the executed notebooks to DIR")
    given = arguments.parse_args()
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # a warning of the kernel about nothing here
    for line in await asyncio.gather(*(execute(path, given.save) for path in given.notebook)):
        print(line)


asyncio.run(main())
