"""Settings from the environment: typed, and loud about what cannot be read."""

from pathlib import Path

import pytest

from platform_ui.env import Env, EnvError, load_dotenv


def test_a_missing_value_without_a_default_is_an_error_that_names_it() -> None:
    with pytest.raises(EnvError, match="SECRET_KEY: is required"):
        Env({}).text("SECRET_KEY")
    assert Env({}).text("SECRET_KEY", "given") == "given"


@pytest.mark.parametrize(
    ("word", "value"),
    [("1", True), ("TRUE", True), (" yes ", True), ("off", False), ("0", False), ("", False)],
)
def test_flags_are_read_from_words(word: str, value: bool) -> None:
    assert Env({"DEBUG": word}).flag("DEBUG", default=not value) is value


def test_a_flag_that_is_no_word_is_an_error() -> None:
    with pytest.raises(EnvError, match="DEBUG: must be true or false, not 'perhaps'"):
        Env({"DEBUG": "perhaps"}).flag("DEBUG", default=False)


@pytest.mark.parametrize("text", ["ten", "1.5", "", "-1", "0"])
def test_a_number_that_is_none_or_too_small_is_an_error(text: str) -> None:
    with pytest.raises(EnvError, match="DAYS"):
        Env({"DAYS": text}).integer("DAYS", default=30, minimum=1)


def test_words_are_parted_by_commas_and_blanks_dropped() -> None:
    assert Env({"HOSTS": " a, ,b "}).words("HOSTS") == ["a", "b"]
    assert Env({}).words("HOSTS", default=("c",)) == ["c"]


def test_a_file_fills_in_what_the_environment_leaves_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNDIAL_A", "set")
    monkeypatch.setenv("SUNDIAL_B", "to be gone")
    monkeypatch.delenv("SUNDIAL_B")
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nSUNDIAL_A=file\nSUNDIAL_B = 'quoted = fine'\n")
    load_dotenv(file)
    assert (Env().text("SUNDIAL_A"), Env().text("SUNDIAL_B")) == ("set", "quoted = fine")
    load_dotenv(tmp_path / "none")


def test_a_line_that_is_no_assignment_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SECRET_KEY\n")
    with pytest.raises(EnvError, match="line 1"):
        load_dotenv(file)
