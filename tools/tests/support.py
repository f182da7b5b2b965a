"""What the tests of the tools share: a throw-away package folder, and a way to run a tool on it."""

import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(__file__).resolve().parent.parent


class Tree:
    """A temporary folder filled from `{path: text or bytes}`; gone when the `with` block ends."""

    def __init__(self, files):
        self._folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self._folder.name)
        for path, content in files.items():
            self.write(path, content)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def write(self, path, content):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")


def run_tool(name, root, *arguments):
    """Runs `tools/NAME --root ROOT ARGUMENTS` and returns the finished process with its text."""
    return subprocess.run(
        [sys.executable, str(TOOLS / name), "--root", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
