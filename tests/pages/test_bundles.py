"""When are the browser bundles built?"""

from typing import Any

import pytest

import hatch_build


def test_bundles_are_built_again_only_when_their_sources_changed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    for name in hatch_build.SOURCES:
        (web / name).write_text("{}")
    (web / "src" / "app.js").write_text("1")
    ran: list[str] = []

    def run(command: Any, cwd: Any) -> None:
        ran.append(" ".join(command[-2:]))
        (tmp_path / "api" / "static").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(hatch_build, "_run", run)
    assert hatch_build.build_bundles(tmp_path)
    assert not hatch_build.build_bundles(tmp_path)
    (web / "src" / "app.js").write_text("2")
    assert hatch_build.build_bundles(tmp_path)
    assert len(ran) == 4
