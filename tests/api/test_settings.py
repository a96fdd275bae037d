"""Which settings may start?"""

import pytest

from api.settings import BadSettings, Settings, read_settings


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_open_access_is_refused_beyond_this_machine(host: str) -> None:
    with pytest.raises(BadSettings, match=r"127\.0\.0\.1"):
        Settings(auth="none", host=host).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_open_access_is_possible_on_loopback(host: str) -> None:
    Settings(auth="none", host=host).check()


def test_flags_win_over_the_environment_and_the_environment_over_defaults() -> None:
    settings = read_settings({"GATEWISE_PORT": "9000", "GATEWISE_HOST": "localhost", "GATEWISE_TEST_CLOCK": "yes"}, port=9100, host=None)
    assert (settings.port, settings.host, settings.test_clock, settings.auth) == (9100, "localhost", True, "local")


def test_a_broken_number_and_an_unknown_mode_are_told() -> None:
    with pytest.raises(BadSettings, match="GATEWISE_PORT"):
        read_settings({"GATEWISE_PORT": "many"})
    with pytest.raises(BadSettings, match="unknown"):
        Settings(auth="ldap").check()
