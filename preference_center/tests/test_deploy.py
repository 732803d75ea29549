"""What stands in deploy/ fits the program and itself: the same settings, a process for every queue, ports that somebody listens on."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from preference_center.tests.servers import ROOT

DEPLOY = ROOT / "deploy"
TARGET = "preference-center.target"
WRITES_PROOF = "proof:/var/lib/preference-center/proof"


class Unit(ConfigParser):
    """A systemd unit; of a key that stands several times, all values in one, as systemd does with lists."""

    def __init__(self, path: Path) -> None:
        super().__init__(interpolation=None, strict=False, delimiters=("=",), comment_prefixes=("#",), default_section="")
        text, seen = path.read_text(), re.compile(r"^Wants=(.*)\n", re.MULTILINE)
        wants = " ".join(seen.findall(text))
        self.read_string(seen.sub("", text).replace("[Unit]\n", f"[Unit]\nWants={wants}\n"))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def units() -> dict[str, Unit]:
    return {path.name: Unit(path) for path in sorted((DEPLOY / "systemd").iterdir())}


def started() -> list[tuple[str, list[str]]]:
    """Every service that the target starts with its command, the instance's name filled in."""
    every = units()
    found = []
    for name in every[TARGET]["Unit"]["Wants"].split():
        template, at, instance = name.removesuffix(".service").partition("@")
        command = every[f"{template}{at}.service"]["Service"]["ExecStart"]
        found.append((name, shlex.split(command.replace("%i", instance).replace("%%", "%"))))
    return found


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def ours() -> list[tuple[str, list[str]]]:
    return [(name, one["command"]) for name, one in compose().items() if one["image"] == "preference-center"]


def value(command: list[str], option: str) -> str:
    return command[command.index(option) + 1] if option in command else ""


def queues(commands: list[tuple[str, list[str]]]) -> set[str]:
    return {queue for _name, command in commands for queue in value(command, "-Q").split(",") if queue}


def senders(commands: list[tuple[str, list[str]]]) -> list[list[str]]:
    return [command for _name, command in commands if "mail" in value(command, "-Q").split(",")]


def ports(commands: list[tuple[str, list[str]]]) -> list[str]:
    return sorted(value(command, "--port") for _name, command in commands if any("granian" in part for part in command))


def upstream() -> list[tuple[str, str]]:
    return re.findall(r"^\s+server ([\w.-]+):(\d+)", (DEPLOY / "nginx.conf").read_text(), re.MULTILINE)


# ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_by_settings() -> set[str]:
    text = (ROOT / "preference_center" / "settings.py").read_text()
    return set(re.findall(r'\b(?:env|env_bool|env_list|json_object)\(\s*"([A-Z_]+)"', text))


def example() -> list[str]:
    return (DEPLOY / "environment.example").read_text().splitlines()


def test_the_example_names_the_settings_that_are_read_and_no_other():
    named = [match[1] for line in example() if (match := re.match(r"# ([A-Z_]+)=", line))]
    assert sorted(named) == sorted(read_by_settings())


def test_no_setting_is_read_past_the_example():
    text = (ROOT / "preference_center" / "settings.py").read_text()
    assert re.findall(r"os\.(?:environ\W|getenv)", text) == ["os.environ.", "os.environ."], "but in env() itself"
    calls = len(re.findall(r"\b(?:env|env_bool|env_list|json_object)\(", text))
    inside = len(re.findall(r"\bdef (?:env|env_bool|env_list|json_object)\(|\benv\(name\b", text))
    assert calls - inside == len(re.findall(r'\b(?:env|env_bool|env_list|json_object)\(\s*"[A-Z_]+"', text)), "each by its name in full"


def test_every_setting_of_the_example_has_one_line_that_says_what_it_is():
    lines = example()
    for number, line in enumerate(lines):
        if re.match(r"# [A-Z_]+=", line):
            assert re.match(r"# [^=]{10,}", lines[number - 1]), line
            assert not lines[number - 2], line


def test_the_example_has_one_home():
    assert (ROOT / ".env.example").resolve() == DEPLOY / "environment.example"


def test_the_tests_run_without_any_setting_of_the_developer():
    import conftest

    set_by_the_tests = {"DATABASE_URL", "DATA_DIR"}
    assert set(conftest.SETTINGS.split()) | set_by_the_tests == read_by_settings()


@pytest.mark.parametrize("name", sorted(name for name, one in compose().items() if one["image"] == "preference-center"))
def test_a_service_of_compose_sets_only_what_is_read(name: str):
    assert set(compose()[name]["environment"]) <= read_by_settings()


# ── Processes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_queue_has_a_unit_and_a_service():
    wanted = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert queues(started()) == wanted
    assert queues(ours()) == wanted


def test_the_target_starts_every_unit_and_every_unit_belongs_to_it():
    every = units()
    templates = {re.sub(r"@.*\.", "@.", name) for name in every[TARGET]["Unit"]["Wants"].split()}
    assert templates == set(every) - {TARGET}
    for name in templates:
        assert every[name]["Unit"]["PartOf"] == TARGET
        assert every[name]["Install"]["WantedBy"] == TARGET
        assert every[name]["Service"]["User"] == "preference-center"
        assert every[name]["Service"]["Restart"] == "always"


def test_systemd_and_compose_start_the_same():
    def many(commands: list[tuple[str, list[str]]]) -> list[str]:
        return sorted(value(command, "-Q") or ("web" if any("granian" in part for part in command) else "") for _name, command in commands)

    wanted = ["celery", "hooks", "mail", "mail", "proof", "web", "web"]
    assert many(started()) == many([one for one in ours() if one[0] != "prepare"]) == wanted


@pytest.mark.parametrize("commands", [started(), ours()], ids=["systemd", "compose"])
def test_a_sender_is_a_process_with_one_mail_in_hand_and_has_a_lane(commands: list[tuple[str, list[str]]]):
    assert all(value(command, "-P") == "solo" for command in senders(commands))
    assert len({value(command, "-n") for command in senders(commands)}) == len(senders(commands)) <= settings.MAIL_SENDERS


def test_compose_has_a_lane_for_every_sender():
    assert {one["environment"]["MAIL_SENDERS"] for one in compose().values() if one["image"] == "preference-center"} == {"2"}
    assert len(senders(ours())) <= 2


@pytest.mark.parametrize("commands", [started(), ours()], ids=["systemd", "compose"])
def test_there_is_one_schedule_and_it_lies_with_the_one_who_writes_the_proof(commands: list[tuple[str, list[str]]]):
    assert [value(command, "-Q") for _name, command in commands if "-B" in command] == ["proof"]
    stays = {name: one for name, one in compose().items() if one["restart"] == "always"}
    assert [name for name, one in stays.items() if WRITES_PROOF in one.get("volumes", ())] == ["proof"]


@pytest.mark.parametrize(("name", "command"), [one for one in started() + ours() if "celery" in one[1][0]], ids=lambda one: str(one)[:40])
def test_celery_knows_every_option(name: str, command: list[str]):
    """Asked for help, it reads the options first, and an unknown one is an error."""
    asked = [sys.executable, "-m", "celery", *command[1:], "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Start worker instance." in done.stdout


@pytest.mark.parametrize(("name", "command"), [one for one in started() + ours() if "granian" in one[1][0]], ids=lambda one: str(one)[:40])
def test_granian_knows_every_option(name: str, command: list[str]):
    done = subprocess.run([sys.executable, "-m", "granian", *command[1:], "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# ── The proxy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_proxy_asks_the_ports_that_the_nodes_listen_on():
    assert sorted(port for _host, port in upstream()) == ports(started()) == ports(ours())
    assert len(upstream()) == 2


def test_the_proxy_knows_the_nodes_of_compose_by_name():
    assert {(name, value(command, "--port")) for name, command in ours() if name.startswith("web")} == set(upstream())


def test_the_proxy_sends_no_form_twice():
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text())
    assert re.findall(r"proxy_next_upstream (.*);", text) == ["error timeout"]
    assert "non_idempotent" not in text
    assert "least_conn;" in text
    assert re.search(r"^\s+keepalive \d+;", text, re.MULTILINE)
    assert 'proxy_set_header Connection "";' in text


def test_the_image_runs_as_nobody_special_and_installs_what_is_hashed():
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE) == ["center"]
    installs = re.findall(r"pip install [^&\n]+", text)
    assert installs
    assert all("--require-hashes" in install for install in installs)


@pytest.mark.parametrize("file", ["compose.yaml", "Dockerfile"])
def test_images_have_plain_names(file: str):
    named = re.findall(r"^\s*(?:image:|FROM) (\S+)", (DEPLOY / file).read_text(), re.MULTILINE)
    assert named
    assert not [name for name in named if "/" in name]
