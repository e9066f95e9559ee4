"""`equipoise doctor`: what works and what does not, for every part that the bot depends on."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from bot.__main__ import main
from bot.sandbox.faults import FaultRule
from engine.clock import SystemClock
from engine.store.journal import open_journal
from tests.cli.processes import CANARY, TOKEN, assert_clean, equipoise
from tests.e2e.stage import HastyClock, Stage, Tables

NOWHERE = "http://127.0.0.1:9"


@dataclass
class Examined:
    """What the doctor said."""

    status: int
    checks: list[dict[str, str]]

    def finding(self, subject: str, what: str) -> tuple[str, str]:
        """Verdict and words of one check."""
        (check,) = [c for c in self.checks if (c["subject"], c["what"]) == (subject, what)]
        return check["verdict"], check["finding"]

    @property
    def troubled(self) -> list[tuple[str, str]]:
        """The checks that did not come out well."""
        return [(c["subject"], c["what"]) for c in self.checks if c["verdict"] != "ok"]


@dataclass
class Surgery:
    """The command in this process, on the stage's configuration."""

    stage: Stage
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    async def examine(self, tables: Tables | None = None, **environ: str) -> Examined:
        """Run it with --json; neither a secret nor a stack trace may be printed."""
        status, out = await self.run(tables, environ, "--json")
        return Examined(status, json.loads(out))

    async def run(self, tables: Tables | None, environ: Mapping[str, str], *options: str) -> tuple[int, str]:
        config, own = self.stage.write_config(tables)
        for name, value in (own | dict(environ)).items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.setenv("COLUMNS", "240")
        status = await asyncio.to_thread(main, ["doctor", str(config), *options])
        out, err = self.capsys.readouterr()
        assert_clean(out + err)
        return status, out


@pytest.fixture
def surgery(stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Surgery:
    monkeypatch.setattr("bot.cli.doctor.system_clock", HastyClock)
    return Surgery(stage, monkeypatch, capsys)


async def test_everything_in_order(surgery: Surgery) -> None:
    """Status 0; reachability, clock, fees, rights, balances, prices, database and chat are all told."""
    found = await surgery.examine()
    assert (found.status, found.troubled) == (0, [])
    assert found.finding("database", "open")[1] == "is ready, and holds no plan yet"
    assert found.finding("telegram", "token")[1] == "belongs to @equipoise_sandbox_bot"
    words = found.finding("kraken", "reachable")[1]
    assert words.startswith("online, answers in ")
    assert "clock differs by " in words
    assert found.finding("binance", "markets")[1] == "3 markets, taker fee 0.1 %"
    assert found.finding("kraken", "markets")[1] == "7 markets, taker fee 0.26 %"
    assert found.finding("binance", "key")[1] == "may read and trade only, from named addresses"
    assert found.finding("binance", "balances")[1] == "0.45 BTC, 5 ETH, 40 SOL, 10000 USDT"
    assert found.finding("kraken", "deposits")[1] == "can be seen: what comes in is known without asking"
    assert found.finding("portfolio", "prices")[1] == "every target has one, in USDT"


async def test_the_table_says_the_same(surgery: Surgery) -> None:
    """One line for each check, with square brackets as they are."""
    status, out = await surgery.run(None, {"BINANCE_SECRET": f"{CANARY}-wrong"})
    assert status == 1
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
    assert ["✓", "database", "open", "is ready, and holds no plan yet"] in rows
    (balances,) = [row for row in rows if row[1:3] == ["binance", "balances"]]
    assert balances[0] == "✗"
    assert "check key and secret in [venues.binance], and its IP allow-list" in balances[3]


async def test_as_a_process_it_prints_json_alone(stage: Stage) -> None:
    """Nothing else is on standard output, and nothing on standard error."""
    config, environ = stage.write_config()
    ended = await equipoise("doctor", config, "--json", environ=environ)
    assert (ended.status, ended.err) == (0, "")
    assert {check["verdict"] for check in json.loads(ended.out)} == {"ok"}


@pytest.mark.parametrize(
    ("rights", "verdict", "words"),
    [
        ({"permissions": ["read", "trade", "withdraw"]}, "problem", "the key may withdraw; make one at the exchange"),
        ({"permissions": ["read"]}, "problem", "the key may not trade; allow it at the exchange"),
        ({"ip_restricted": False}, "warning", "restrict it to this machine's address at the exchange"),
    ],
)
@pytest.mark.parametrize("venue", ["binance", "kraken"])
async def test_what_a_key_may_do_is_judged(
    surgery: Surgery, venue: str, rights: dict[str, Any], verdict: str, words: str
) -> None:
    """A key that can move assets out is a problem before there is a first order."""
    await surgery.stage.control("key", venue=venue, key=f"{CANARY}-{venue}-key", **rights)
    found = await surgery.examine()
    assert found.finding(venue, "key")[0] == verdict
    assert words in found.finding(venue, "key")[1]
    assert found.troubled == [(venue, "key")]
    assert found.status == (1 if verdict == "problem" else 0)


@pytest.mark.parametrize("venue", ["binance", "kraken"])
async def test_a_wrong_secret_is_told_with_the_remedy(surgery: Surgery, venue: str) -> None:
    """The other venue is none the worse for it."""
    found = await surgery.examine(None, **{f"{venue.upper()}_SECRET": "d3Jvbmc="})
    remedy = f"the API key was refused; check key and secret in [venues.{venue}], and its IP allow-list"
    assert found.finding(venue, "balances") == ("problem", remedy)
    assert remedy in found.finding(venue, "key")[1]
    assert found.status == 1
    assert {subject for subject, _ in found.troubled} == {venue}


async def test_an_exchange_that_does_not_answer_is_asked_nothing_else(surgery: Surgery) -> None:
    """What only it could tell is left open: it may be the one that trades XMR."""
    tables: Tables = {"venues.kraken": {"base_url": NOWHERE}, "targets": {"SOL": None, "XMR": 0.1}}
    found = await surgery.examine(tables)
    assert found.finding("kraken", "reachable") == (
        "problem",
        "no connection could be made; check network, base_url and proxy",
    )
    assert [check["what"] for check in found.checks if check["subject"] == "kraken"] == ["reachable"]
    assert found.finding("portfolio", "prices") == (
        "warning",
        "not known for XMR while a venue does not show its markets",
    )
    assert found.status == 1


async def test_maintenance_is_a_problem(surgery: Surgery) -> None:
    """In the exchange's own words."""
    await surgery.stage.control("venue", venue="kraken", status="maintenance")
    verdict, words = (await surgery.examine()).finding("kraken", "reachable")
    assert verdict == "problem"
    assert words.startswith("maintenance, answers in ")


async def test_a_clock_that_is_wrong_is_a_warning(surgery: Surgery) -> None:
    """Exchanges refuse requests that are signed for another time."""
    wall = surgery.stage.sandbox.exchanges.venues["binance"]
    before = wall.wall
    wall.wall = lambda: before() + 3
    verdict, words = (await surgery.examine()).finding("binance", "reachable")
    assert verdict == "warning"
    assert words.endswith("let this machine keep its time by NTP")


async def test_a_target_without_a_market_at_a_venue_is_a_warning(surgery: Surgery) -> None:
    """The other venue trades it. Of a bucket, one asset with a market is enough: USD has none on Binance."""
    found = await surgery.examine({"targets": {"SOL": None, "BNB": 0.1}})
    assert found.finding("kraken", "markets") == (
        "warning",
        "5 markets, taker fee 0.26 %; no market here is open to this account for BNB",
    )
    assert found.troubled == [("kraken", "markets")]


async def test_a_target_that_nobody_trades_is_a_problem(surgery: Surgery) -> None:
    """No plan would ever be made."""
    found = await surgery.examine({"targets": {"SOL": None, "NOPE": 0.1}})
    assert found.finding("portfolio", "prices") == (
        "problem",
        "no market gives a price to NOPE, so that no plan is made; "
        "correct the name in [targets], or make what it is paid in, such as USDT, a target",
    )
    assert found.status == 1


@pytest.mark.parametrize("numeraire", ["EUR", "BTC", "USD"])
async def test_a_numeraire_must_lead_to_every_target(surgery: Surgery, numeraire: str) -> None:
    """Directly, or over other markets in either direction."""
    found = await surgery.examine({"portfolio": {"numeraire": numeraire}})
    if numeraire == "EUR":
        assert found.finding("portfolio", "prices") == (
            "problem",
            "no venue quotes EUR, so that nothing can be valued; set portfolio.numeraire to one of USD, USDT, or leave"
            " it out",
        )
    else:
        assert found.finding("portfolio", "prices") == ("ok", f"every target has one, in {numeraire}")


async def test_telegram_refuses_the_token(surgery: Surgery) -> None:
    """The remedy stands beside it, and the token does not."""
    found = await surgery.examine(None, BOT_TOKEN=f"{TOKEN}x")
    assert found.finding("telegram", "token") == (
        "problem",
        "Telegram does not know it; copy it again from BotFather",
    )
    assert found.troubled == [("telegram", "token")]


async def test_telegram_does_not_answer(surgery: Surgery) -> None:
    """It is not the token's fault."""
    found = await surgery.examine({"telegram": {"base_url": NOWHERE}})
    verdict, words = found.finding("telegram", "token")
    assert verdict == "problem"
    assert words.startswith("Telegram does not answer (")
    assert words.endswith("; check network and proxy")


async def test_the_database_is_opened(surgery: Surgery) -> None:
    """One that the running bot holds is in order, a folder is not."""
    settings = surgery.stage.settings()
    url = settings.database_url
    journal = await open_journal(url, settings.portfolio, SystemClock())
    try:
        verdict, words = (await surgery.examine()).finding("database", "open")
    finally:
        await journal.close()
    assert (verdict, words) == ("ok", "the bot is running on it")
    folder = await surgery.examine({"database": {"url": f"sqlite:///{surgery.stage.folder}"}})
    assert folder.finding("database", "open")[1].endswith("is a folder: name a file in it.")


async def test_a_simulation_without_keys_has_none_to_check(surgery: Surgery) -> None:
    """Markets and prices are looked at all the same."""
    own = {"key_env": None, "secret_env": None, "holdings": {"USDT": 1000}}
    tables: Tables = {"": {"mode": "simulation"}, "venues.kraken": own, "venues.binance": own}
    found = await surgery.examine(tables)
    assert found.status == 0
    assert ("kraken", "key") not in {(check["subject"], check["what"]) for check in found.checks}
    assert found.finding("kraken", "markets")[0] == "ok"


async def test_waiting_for_its_turn_is_not_taken_for_latency(surgery: Surgery) -> None:
    """Kraken allows a request a second: half of that wait would count as clock skew."""
    (milliseconds,) = re.findall(r"answers in (\d+) ms", (await surgery.examine()).finding("kraken", "reachable")[1])
    assert int(milliseconds) < 900


async def test_a_key_that_may_not_see_deposits_is_warned_of(surgery: Surgery) -> None:
    """Everything else works with it; only what comes in must be asked about."""
    path = "/0/private/DepositStatus"
    denied = FaultRule("error", venue="kraken", path=path, code="EGeneral:Permission denied")
    surgery.stage.sandbox.exchanges.faults.add(denied)
    found = await surgery.examine()
    verdict, words = found.finding("kraken", "deposits")
    assert verdict == "warning"
    assert words.endswith("what comes in is asked about; allow the key to read them")
    assert found.finding("binance", "deposits")[0] == "ok"


async def test_a_signal_is_read_once(surgery: Surgery) -> None:
    """Where targets follow a number from outside; what is wrong with it is a problem."""
    file = surgery.stage.folder / "signal.txt"
    tables = {"model": {"kind": "signals"}, "model.signals": {"file": str(file)}}
    missing = await surgery.examine(tables)
    assert missing.troubled == [("signal", "read")]
    assert missing.finding("signal", "read")[1].startswith("the file cannot be read")
    file.write_text("0.25\n", encoding="utf-8")
    assert (await surgery.examine(tables)).finding("signal", "read") == ("ok", "0.25")
