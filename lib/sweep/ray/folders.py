"""Carries the folders of runs between machines, as bytes that Ray moves."""
import hashlib, io, os, pathlib, re, shutil, tarfile

FILES = ["config.json", "events.log", "output.log", "metrics.jsonl", "status.json"]


def checkpoints_in(folder: pathlib.Path) -> list[pathlib.Path]:
    """Complete checkpoints, newest last: checkpoint-STEP, or checkpoint-STEP-N saved again at that step."""

    def order(path: pathlib.Path) -> list[int]:
        return [int(part) for part in path.name.split("-")[1:]]

    found = folder.glob("checkpoints/checkpoint-*")
    return sorted((p for p in found if re.fullmatch(r"checkpoint-\d+(-\d+)?", p.name)), key=order)


def pack(folder: pathlib.Path) -> bytes:
    """A run with its newest checkpoint. OSError when that is replaced meanwhile: try again."""
    names = [name for name in FILES if (folder / name).exists()]
    for checkpoint in checkpoints_in(folder)[-1:]:
        names.insert(-1, str(checkpoint.relative_to(folder)))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in names:
            archive.add(folder / name, arcname=name)
    return buffer.getvalue()


def unpack(content: bytes, folder: pathlib.Path) -> None:
    """Puts a run into a folder, file by file in the order of `pack`.

    A crash in between leaves a run that can go on: rows of metrics beyond the newest checkpoint are cut
    off when it does, and a checkpoint is there only when it is complete.
    """
    arriving = folder / ".arriving.tmp"
    shutil.rmtree(arriving, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    arriving.mkdir()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(arriving, filter="data")
        names = [name for name in archive.getnames() if "/" not in name.removeprefix("checkpoints/")]
    for name in names:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        if target.is_dir():
            continue  # a checkpoint is never written twice
        flush(arriving / name)
        os.replace(arriving / name, target)
    shutil.rmtree(arriving)
    for old in checkpoints_in(folder)[:-2]:
        removed = old.rename(f"{old}.removed")  # half a checkpoint must not look like one
        shutil.rmtree(removed)


def flush(path: pathlib.Path) -> None:
    """Makes a file, or all files of a folder, lasting."""
    for file in [path, *path.rglob("*")] if path.is_dir() else [path]:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def library_digest(root: pathlib.Path) -> str:
    """Of all that decides a training: two machines with the same one compute the same."""
    digest = hashlib.sha256()
    files = [p for p in (root / "lib").rglob("*") if p.suffix in {".ts", ".mjs", ".cjs", ".cc", ".h"}]
    for path in sorted([*files, root / "package-lock.json"]):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
