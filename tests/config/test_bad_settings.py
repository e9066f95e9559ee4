"""Every mistake in a configuration file is named with its key and what would be right, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.load import load_settings
from bot.config.mistakes import ConfigMistakes
from bot.config.quotes import exchanges

TOKEN = "4242:" + "t" * 35
ENVIRON = {"TOKEN": TOKEN, "K": "key", "S": "secret", "BLANK": " ", "NO_TOKEN": "hello"}
TELEGRAM = '[telegram]\ntoken_env = "TOKEN"\n'
TARGETS = "[targets]\nBTC = 0.6\nUSDT = 0.4\n"
VENUE = '[venues.kraken]\nexchange = "kraken"\nholdings = { BTC = 1 }\n'
KEYS = 'key_env = "K"\nsecret_env = "S"\n'
REST = TELEGRAM + VENUE
ALL = TARGETS + REST
APOSTROPHE = "'"


def mistakes(text: str) -> list[str]:
    def no_file(path: Path) -> str:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    with pytest.raises(ConfigMistakes) as caught:
        load_settings(text, environ=ENVIRON, home=Path("/home/ada"), read_file=no_file)
    assert str(caught.value).splitlines() == [str(mistake) for mistake in caught.value.mistakes]
    return [str(mistake) for mistake in caught.value.mistakes]


# What is wrong: the file, and the beginning of the one mistake that is found.
BAD = {
    "unknown key": ("[trigger]\ntreshold = 0.1\n" + ALL, "trigger.treshold: is not known; did you mean threshold?"),
    "numeraire that no venue quotes": (
        '[portfolio]\nnumeraire = "SHIB"\n' + ALL,
        "portfolio.numeraire: no venue of yours quotes SHIB; write one such as USDT or USD, leave it out, or name an "
        "exchange that quotes it in [reference]",
    ),
    "watched under a venue's name": (
        ALL + "[watched.kraken]\nas_of = 2026-11-01\nholdings = { BTC = 1 }\n",
        "watched.kraken: has the name of a venue; rename one of them",
    ),
    "watched without a day": (ALL + "[watched.ledger]\nholdings = { BTC = 1 }\n", "watched.ledger.as_of: is missing"),
    "unknown table": ("[clouds]\na = 1\n" + ALL, "clouds: is not known; known here are portfolio, targets"),
    "key of another table": (
        "[trigger]\nmin_trade = 5\n" + ALL,
        "trigger.min_trade: is not known here; did you mean rebalance.min_trade?",
    ),
    "key without its table": ("unmanaged = 'keep'\n" + ALL, "unmanaged: is not known here; did you mean portfolio.un"),
    "unknown key of a target": (
        "[targets]\nBTC = { weight = 1, treshold = 0.1 }\n" + REST,
        "targets.BTC.treshold: is not known; did you mean threshold?",
    ),
    "mode": ("mode = 'paper'\n" + ALL, "mode: expected 'simulation', 'sandbox' or 'live', got 'paper'"),
    "table that is a value": ("trigger = 5\n" + ALL, "trigger: expected a table of keys and values"),
    "list of tables": ("[[trigger]]\n" + ALL, "trigger: expected a table of keys and values"),
    "text for a number": ("[rebalance]\nmin_trade = 'ten'\n" + ALL, "rebalance.min_trade: expected a decimal number"),
    "truth for a number": ("[rebalance]\nmin_trade = true\n" + ALL, "rebalance.min_trade: expected a decimal number"),
    "not a number": ("[rebalance]\nmin_trade = nan\n" + ALL, "rebalance.min_trade: expected a finite number"),
    "endless number": ("[rebalance]\nmin_trade = 1e999\n" + ALL, "rebalance.min_trade: expected a number of at most"),
    "overflowing number": (
        "[rebalance]\nmin_trade = 1e9999999\n" + ALL,
        "rebalance.min_trade: expected a number of at most",
    ),
    "number out of range": ("[rebalance]\nmin_trade = -1\n" + ALL, "rebalance.min_trade: must not be negative"),
    "text for truth": ("[portfolio]\nallow_partial = 'no'\n" + ALL, "portfolio.allow_partial: expected true or false"),
    "portfolio's name": ("[portfolio]\nname = 'my coins'\n" + ALL, "portfolio.name: expected up to 32 letters,"),
    "choice": ("[portfolio]\nunmanaged = 'burn'\n" + ALL, "portfolio.unmanaged: expected 'keep' or 'sell', got 'burn'"),
    "numeraire": ("[portfolio]\nnumeraire = 'usd'\n" + ALL, "portfolio.numeraire: 'usd' is no asset; write it in cap"),
    "destination": ("[rebalance]\nto = 'middle'\n" + ALL, "rebalance.to: expected target, half, edge, or a number"),
    "destination out of range": ("[rebalance]\nto = 2\n" + ALL, "rebalance.to: target, half, edge, or a number from 0"),
    "bounds that contradict themselves": (
        ALL + "[model]\nbounds = { BTC = { min = 0.7, max = 0.6 } }\n",
        "model.bounds.BTC.min: must not be above max, which is 0.6",
    ),
    "bounds of no target": (
        ALL + "[model]\nbounds = { ETH = { min = 0.1 } }\n",
        "model.bounds.ETH: is no target; add targets.ETH, or remove it",
    ),
    "bounds that leave too little": (
        "[targets]\nBTC = 0.5\nETH = 0.5\n" + REST + "[model]\nbounds = { BTC = { max = 0.5 }, ETH = { max = 0.4 } }\n",
        "model.bounds: the most of all targets sum to 0.9; raise them to 1 together",
    ),
    "bounds that ask for too much": (
        "[targets]\nBTC = 0.5\nETH = 0.5\n" + REST + "[model]\nbounds = { BTC = { min = 0.5 }, ETH = { min = 0.6 } }\n",
        "model.bounds: the least of all targets sum to 1.1; lower them to 1 together",
    ),
    "target out of its bounds": (
        ALL + "[model]\nbounds = { BTC = { min = 0.1, max = 0.5 } }\n",
        "model.bounds.BTC: targets.BTC is 0.6; move it between min and max, or widen these",
    ),
    "bound that is no weight": (
        ALL + "[model]\nbounds = { BTC = { max = 60 } }\n",
        "model.bounds.BTC: min and max must lie between 0 and 1",
    ),
    "unknown model": (
        "[model]\nkind = 'magic'\n" + ALL,
        "model.kind: expected 'volatility_regime', ",
    ),
    "stance without a model": (
        "[model]\nstance = 'propose'\n" + ALL,
        "model.kind: is missing, so that nothing could propose; write one of volatility_regime, volatility_target",
    ),
    "step below the least change": (
        "[model]\nmax_step = 0.04\n" + ALL,
        "model.max_step: must not be less than model.min_change: no change would be made",
    ),
    "quantiles the wrong way round": (
        "[model.regime]\nenter = 0.5\nleave = 0.6\n" + ALL,
        "model.regime.leave: must not be above model.regime.enter",
    ),
    "shift in percent": (
        "[model.regime]\nshift = 30\n" + ALL,
        "model.regime.shift: must lie above 0 and be",
    ),
    "decay of one": ("[model]\ndecay = 1\n" + ALL, "model.decay: must lie between 0 and 1, such as 0.97"),
    "volatility of nothing": (
        "[model.volatility_target]\nvolatility = 0\n" + ALL,
        "model.volatility_target.volatility: must be above 0, such as 0.4 for 40 % a year",
    ),
    "lookback that no exchange tells": (
        "[model.momentum]\nlookback = '365d'\n" + ALL,
        "model.momentum.lookback: must lie between 7d and 150d",
    ),
    "average of a week": (
        "[model.accumulation]\naverage = '7d'\n" + ALL,
        "model.accumulation.average: must be 30d",
    ),
    "signal from nowhere": (
        "[model]\nkind = 'signals'\n" + ALL,
        "model.signals: says of no number; name a value, an rpc_url with a contract, or a file",
    ),
    "signal from two places": (
        "[model.signals]\nmeasure = 'level'\nvalue = 1\nfile = '/tmp/x'\n" + ALL,
        "model.signals.file: is there beside value; keep one",
    ),
    "typed number that grows": (
        "[model.signals]\nvalue = 1\n" + ALL,
        'model.signals.value: a number that is typed does not grow; write measure = "level"',
    ),
    "growth over a year": (
        "[model.signals]\nperiod = '365d'\n" + ALL,
        "model.signals.period: must lie between 1d and 90d",
    ),
    "signal range the wrong way round": (
        "[model.signals]\nlow = 0.1\nhigh = 0\n" + ALL,
        "model.signals.low: must be less than model.signals.high",
    ),
    "node without a contract": (
        "[model.signals]\nrpc_url = 'https://rpc.example.org'\n" + ALL,
        "model.signals.contract: is missing; write the address of an ERC-20 contract",
    ),
    "node over plain http": (
        f"[model.signals]\nrpc_url = 'http://rpc.example.org'\ncontract = '0x{'a' * 40}'\n" + ALL,
        "model.signals.rpc_url: could be changed on its way; write an https address",
    ),
    "key for a contract": (
        f"[model.signals]\nrpc_url = 'https://rpc.example.org'\ncontract = '0x{'a' * 64}'\n" + ALL,
        "model.signals.contract: expected a contract's address: 0x and 40 hexadecimal digits",
    ),
    "relative file of a signal": (
        "[model.signals]\nfile = 'signal.txt'\n" + ALL,
        "model.signals.file: the path must begin with / or ~/",
    ),
    "sum of weights": ("[targets]\nBTC = 0.6\nUSDT = 0.5\n" + REST, "targets: the weights sum to 1.1; change them"),
    "weight that cannot be read": ("[targets]\nBTC = 'half'\nUSDT = 0.5\n" + REST, "targets.BTC.weight: expected a de"),
    "target without weight": (
        "[targets]\nBTC = { threshold = 0.1 }\nUSDT = 0.4\n" + REST,
        "targets.BTC.weight: is missing; add it",
    ),
    "asset in small letters": (
        "[targets]\nbtc = 0.6\nUSDT = 0.4\n" + REST,
        "targets.btc: 'btc' is no asset; write it in capitals as the exchange does: BTC, or add the bucket buckets.btc",
    ),
    "asset in a bucket in small letters": (
        "[targets]\nBTC = 0.6\ncash = 0.4\n[buckets]\ncash = ['USDT', 'usdc']\n" + REST,
        "buckets.cash[1]: 'usdc' is no asset; write it in capitals as the exchange does: USDC",
    ),
    "bucket without target": ("[buckets]\ncash = ['USDC']\n" + ALL, "buckets.cash: add targets.cash, or remove it"),
    "bucket that is no list": ("[buckets]\nBTC = 'BTC'\n" + ALL, "buckets.BTC: expected a list in square brackets"),
    "asset in two targets": ("[buckets]\nBTC = ['BTC', 'USDT']\n" + ALL, "targets.USDT: counts towards two targets"),
    "threshold in percent": (
        "[trigger]\nthreshold = 5\n" + ALL,
        "trigger.threshold: no weight drifts by more than 1; write 0.05 for 5 points",
    ),
    "target's threshold in percent": (
        "[targets]\nBTC = { weight = 1, threshold = 3 }\n" + REST,
        "targets.BTC.threshold: no weight drifts by more than 1; write 0.05 for 5 points",
    ),
    "schedule by name": ("[trigger]\nevery = 'yearly'\n" + ALL, "trigger.every: 'yearly' is no schedule; write daily"),
    "schedule of six fields": ("[trigger]\nevery = '0 0 0 * * *'\n" + ALL, "trigger.every: '0 0 0 * * *' is no sche"),
    "schedule out of range": (
        "[trigger]\nevery = '0 25 * * *'\n" + ALL,
        "trigger.every: '0 25 * * *' is no schedule (bad hour); write",
    ),
    "time zone": (
        "[trigger]\ntimezone = 'Europe/Berln'\n" + ALL,
        "trigger.timezone: 'Europe/Berln' is no time zone; write one such as Europe/Berlin",
    ),
    "time zone that is a directory": ("[trigger]\ntimezone = 'America'\n" + ALL, "trigger.timezone: 'America' is no t"),
    "duration without unit": (
        "[trigger]\ncooldown = 60\n" + ALL,
        'trigger.cooldown: is no duration; write a whole number and its unit s, m, h or d in quotes, such as "45s"',
    ),
    "duration of a strange unit": ("[trigger]\ncooldown = '2w'\n" + ALL, "trigger.cooldown: is no duration; write"),
    "duration beyond reason": ("[trigger]\ncooldown = '9999999d'\n" + ALL, "trigger.cooldown: is longer than ten ye"),
    "duration of nothing": ("[approval]\nplan_ttl = '0s'\n" + ALL, "approval.plan_ttl: must be longer than 0"),
    "pace of nothing": ("[schedule]\ncheck_every = '0s'\n" + ALL, "schedule.check_every: must be longer than 0"),
    "approvers": ("[approval]\napprovers = 0\n" + ALL, "approval.approvers: must be at least 1"),
    "fraction of an approver": ("[approval]\napprovers = 1.5\n" + ALL, "approval.approvers: expected a whole number"),
    "tax in the plan": (
        "[tax]\nweight_in_plan = true\n" + ALL,
        "tax.weight_in_plan: needs to know how gains are taxed",
    ),
    "lots by name": ("[tax]\nmethod = 'specific'\n" + ALL, "tax.method: specific names the lots of every sale"),
    "least tax": ("[tax]\nmethod = 'min_tax'\n" + ALL, "tax.method: needs to know how gains are taxed"),
    "methods that do not mix": (
        "[tax]\nby_year = { 2024 = 'uk_s104' }\n" + ALL,
        "tax.by_year: uk_s104 looks at days to come, and cannot be mixed with another; use it alone",
    ),
    "tax profile": ("[tax]\nprofile = 'atlantis'\n" + ALL, "tax.profile: 'atlantis' is no profile"),
    "harvest without a law": ("[tax]\nharvest = 'suggest'\n" + ALL, "tax.harvest: needs to know how gains are taxed"),
    "harvest without a rate": (
        "[tax]\nprofile = 'us'\nharvest = 'propose'\n" + ALL,
        "tax.harvest: needs your own rate",
    ),
    "holding": ("[tax]\nholding = 'days'\n" + ALL, "tax.holding: expected anniversary, days:365"),
    "lot method": ("[tax]\nmethod = 'best'\n" + ALL, "tax.method: expected 'fifo', 'lifo'"),
    "user by name": (
        ALL.replace("[venues", "allowed_users = ['@ada']\n[venues"),
        "telegram.allowed_users[0]: '@ada'",
    ),
    "group as user": (
        ALL.replace("[venues", "allowed_users = [-100]\n[venues"),
        "telegram.allowed_users[0]: -100 is",
    ),
    "no token": (TARGETS + VENUE, "telegram: has no token; name the variable or the file"),
    "token's variable not set": (
        TARGETS + "[telegram]\ntoken_env = 'GONE'\n" + VENUE,
        "telegram.token_env: the environment variable GONE is not set or empty; set it where the bot is started",
    ),
    "token's variable blank": (
        TARGETS + "[telegram]\ntoken_env = 'BLANK'\n" + VENUE,
        "telegram.token_env: the environment variable BLANK is not set or empty",
    ),
    "token that is none": (
        TARGETS + "[telegram]\ntoken_env = 'NO_TOKEN'\n" + VENUE,
        "telegram.token_env: does not lead to a bot token",
    ),
    "token in two places": (
        ALL.replace("[venues", "token_file = '/t'\n[venues"),
        "telegram.token_env: is there beside token_file; keep one",
    ),
    "token's file missing": (
        TARGETS + "[telegram]\ntoken_file = '~/t'\n" + VENUE,
        "telegram.token_file: the file cannot be read (No such file or directory); check the path and its owner",
    ),
    "token's file somewhere": (
        TARGETS + "[telegram]\ntoken_file = 'token.txt'\n" + VENUE,
        "telegram.token_file: write a path that begins with / or ~/",
    ),
    "telegram's address": (ALL.replace("[venues", "base_url = 'api'\n[venues"), "telegram.base_url: is no address"),
    "proxy with a password": (
        ALL.replace("[venues", "proxy = 'http://me:pw@host:1'\n[venues"),
        "telegram.proxy: a secret does not belong in this file",
    ),
    "no venue": (TARGETS + TELEGRAM, "venues: add at least one, such as [venues.kraken]"),
    "venue's name": (
        ALL.replace("venues.kraken", 'venues."my venue"'),
        "venues.my venue: expected up to 32 letters",
    ),
    "venue without exchange": (
        ALL.replace('exchange = "kraken"\n', ""),
        "venues.kraken.exchange: is missing; write " + exchanges('"'),
    ),
    "exchange not known": (
        ALL.replace('"kraken"', '"mtgox"'),
        f"venues.kraken.exchange: expected {exchanges(APOSTROPHE)}, got 'mtgox'",
    ),
    "exchange of another kind": (ALL.replace('"kraken"', '["kraken"]'), "venues.kraken.exchange: expected 'binance'"),
    "negative holding": (ALL.replace("BTC = 1 ", "BTC = -1 "), "venues.kraken.holdings.BTC: must not be negative, got"),
    "holding in small letters": (ALL.replace("BTC = 1 ", "btc = 1 "), "venues.kraken.holdings.btc: 'btc' is no asset"),
    "simulation from nothing": (
        ALL.replace("holdings = { BTC = 1 }\n", ""),
        "venues.kraken: has nothing to begin with; add holdings",
    ),
    "live without keys": ("mode = 'live'\n" + ALL, "venues.kraken: has no keys, which mode live needs; name key_env"),
    "sandbox's controls in another mode": (
        ALL + "[sandbox]\ncontrol = 'http://127.0.0.1:8080'\n",
        "sandbox.control: is for mode sandbox alone, not for simulation; remove it",
    ),
    "sandbox's controls elsewhere": (
        "mode = 'sandbox'\n" + ALL + KEYS + "[sandbox]\ncontrol = 'http://10.0.0.1:8080'\n",
        "sandbox.control: must be an address on this computer; write an address such as http://127.0.0.1:8080",
    ),
    "sandbox's controls that look near": (
        "mode = 'sandbox'\n" + ALL + KEYS + "[sandbox]\ncontrol = 'http://127.0.0.1.example.org'\n",
        "sandbox.control: must be an address on this computer",
    ),
    "sandbox without keys": ("mode = 'sandbox'\n" + ALL, "venues.kraken: has no keys, which mode sandbox needs"),
    "key without secret": (
        ALL + 'key_env = "K"\n',
        "venues.kraken.secret_env: is missing; name it, or secret_file: both are needed",
    ),
    "passphrase that is not asked for": (
        ALL + KEYS + 'passphrase_env = "K"\n',
        "venues.kraken.passphrase_env: is not for kraken, whose keys have none; remove it",
    ),
    "live in clear": (
        "mode = 'live'\n" + ALL + KEYS + "base_url = 'http://10.0.0.1'\n",
        "venues.kraken.base_url: would send keys in clear; write an https address",
    ),
    "database not known": (
        "[database]\nurl = 'mysql://h/d'\n" + ALL,
        "database.url: is no address of a SQLite file; w",
    ),
    "database in memory": (
        "[database]\nurl = 'sqlite://'\n" + ALL,
        "database.url: is no address of a SQLite file; w",
    ),
    "database somewhere": ("[database]\nurl = 'sqlite:///x.db'\n" + ALL, "database.url: the path must begin with / or"),
    "log level": ("[logging]\nlevel = 'loud'\n" + ALL, "logging.level: expected 'debug', 'info', 'warning' or 'error'"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_mistake_is_named_with_its_key_and_the_remedy(kind: str) -> None:
    """The one thing that is wrong is the first line; a second one only says what else is wrong for the same reason."""
    text, expected = BAD[kind]
    found = mistakes(text)
    assert found[0].startswith(expected)
    assert len(found) == 1 or kind in {"database twice"}


SYNTAX = {
    "no value": ("[targets]\nBTC = \n" + REST, "line 2: is no TOML (invalid value); correct the line"),
    "venue twice": (ALL + VENUE, "line 9: venues.kraken is there twice; rename one"),
    "table twice": (ALL + TARGETS, "line 9: targets is there twice; keep one"),
    "key twice": ("[targets]\nBTC = 1\nBTC = 1\n" + REST, "line 3: a key is there twice in one table; keep one"),
    "open text at the end": (ALL + "x = 'a", "line 9: is no TOML (expected"),
    "nested too deeply": ("x = " + "[" * 100_000, "the file: is nested too deeply"),
    "endless whole number": ("x = " + "9" * 5000, "the file: holds a number or date that cannot be read"),
}


@pytest.mark.parametrize("kind", SYNTAX)
def test_what_is_no_toml_is_named_with_its_line(kind: str) -> None:
    """A file that cannot be parsed says where."""
    text, expected = SYNTAX[kind]
    (found,) = mistakes(text)
    assert found.startswith(expected)


def test_an_empty_file_says_what_is_needed() -> None:
    """The three things without a default."""
    assert [line.split(":")[0] for line in mistakes("")] == ["targets", "telegram", "venues"]


def test_all_mistakes_are_found_at_once() -> None:
    """One in every table, of every validator, in one go: none hides another."""
    found = mistakes(
        """
        mode = "live"
        surprise = 1
        [targets]
        btc = 0.5
        ETH = 1.5
        SOL = "x"
        [trigger]
        every = "never"
        threshold = 0
        [rebalance]
        min_trade = -1
        [telegram]
        token_env = "GONE"
        [venues.a]
        exchange = "kraken"
        [venues.b]
        key_env = "GONE"
        secret_env = "S"
        """
    )
    assert {line.split(":")[0] for line in found} == {
        "surprise",
        "targets.btc",
        "targets.ETH",
        "targets.SOL.weight",
        "trigger.every",
        "trigger.threshold",
        "rebalance.min_trade",
        "telegram.token_env",
        "venues.a",
        "venues.b.exchange",
        "venues.b.key_env",
    }
    assert len(found) == 11


@pytest.mark.parametrize(
    "text",
    [
        TARGETS + "[telegram]\ntoken_env = 'T'\nallowed_users = ['{token}']\n" + VENUE,
        TARGETS + "[telegram]\ntoken_env = 'T'\n'{token}' = 1\n" + VENUE,
        ALL.replace('"kraken"', '"{token}"'),
        ALL.replace("BTC = 1 }", "'{token}' = 1 }"),
    ],
    ids=["user", "key", "exchange", "asset"],
)
def test_a_token_in_the_wrong_place_is_not_repeated(text: str) -> None:
    """It looks like nothing else: the mistake is named with stars in its place."""
    found = mistakes(text.replace("{token}", "7700112233:AAcanary-canary-canary-canary-canary"))
    assert "***" in "".join(found)
    assert "canary" not in "".join(found)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        (TARGETS + "[telegram]\ntoken = '4242:S3CRET'\n" + VENUE, "telegram.token", "token_env or token_file"),
        (ALL + "key = 'S3CRET'\n", "venues.kraken.key", "key_env or key_file"),
        (ALL + "secret = 'S3CRET'\n", "venues.kraken.secret", "secret_env or secret_file"),
        (ALL + "api_key = 'S3CRET'\n", "venues.kraken.api_key", "key_env or key_file or secret_env"),
        ("[database]\nurl = 'postgresql://u:S3CRET@h/d'\n" + ALL, "database.url", "comes with a later version"),
        (TARGETS + "[telegram]\ntoken_env = '4242:S3CRET'\n" + VENUE, "telegram.token_env", "the name of an env"),
        (ALL + "key_env = 'aS3CRETb'\nsecret_env = 'S'\n", "venues.kraken.key_env", "is not set"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(text: str, key: str, remedy: str) -> None:
    """The message says where it belongs, and does not hold it."""
    found = mistakes(text)
    line = next(line for line in found if line.startswith(f"{key}: "))
    assert remedy in line
    assert "S3CRET" not in "".join(found)
