"""A configuration file becomes settings and the engine's policy."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli.run import secrets_of
from bot.config.load import load_settings, read_settings
from bot.config.mistakes import ConfigMistakes
from bot.config.quotes import NEEDS_PASSPHRASE
from bot.config.secrets import Secret
from bot.config.settings import Settings
from bot.config.tables import Mode
from engine.model.lots import LotMethod
from engine.model.policy import HALF_WAY, Approval, TriggerKind

TOKEN = "4242:" + "t" * 35
HOME = Path("/home/ada")
SMALLEST = """
[targets]
USDT = 0.4
BTC = 0.6
[telegram]
token_env = "TOKEN"
[venues.kraken]
exchange = "kraken"
holdings = { USDT = 1000, BTC = 0.1 }
"""


def load(text: str, **environ: str) -> Settings:
    def no_file(path: Path) -> str:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    return load_settings(text, environ={"TOKEN": TOKEN, **environ}, home=HOME, read_file=no_file)


def test_the_smallest_file_gets_the_documented_defaults() -> None:
    """Targets, a token and a venue are enough; everything else has its default."""
    settings = load(SMALLEST)
    assert settings.mode is Mode.SIMULATION
    assert settings.portfolio == "main"
    assert settings.numeraire is None
    assert settings.telegram.token == Secret(TOKEN)
    assert settings.telegram.allowed_users == ()
    assert settings.telegram.base_url == "https://api.telegram.org"
    assert settings.schedule.check_every == timedelta(seconds=60)
    assert settings.schedule.heartbeat == timedelta(hours=6)
    assert settings.policy.tax.method is LotMethod.HIFO
    assert settings.policy.approval is Approval.ALWAYS
    assert settings.policy.limits.max_price_age == timedelta(seconds=60)


def test_numbers_are_exact_decimals_with_or_without_quotes() -> None:
    """0.1 in the file is one tenth, not the binary fraction next to it."""
    settings = load(SMALLEST + '[rebalance]\nmin_trade = "12.30"\nmax_cost_bps = 7\ntolerance = 0.1\n')
    limits = settings.policy.limits
    assert (limits.min_trade, limits.max_cost_bps, limits.tolerance) == (
        Decimal("12.30"),
        Decimal(7),
        Decimal("0.1"),
    )
    assert settings.venues[0].holdings == (("BTC", Decimal("0.1")), ("USDT", Decimal(1000)))


def test_every_policy_key_reaches_the_policy() -> None:
    """What is written in the tables is what the engine decides by."""
    policy = load(
        """
        [portfolio]
        unmanaged = "sell"
        allow_partial = true
        [trigger]
        kind = "hybrid"
        drift_mode = "relative"
        threshold = 0.2
        hybrid_threshold = 0.4
        every = "30 6 * * 1"
        timezone = "Europe/Berlin"
        cooldown = "2d"
        misfire_grace = "90m"
        [rebalance]
        to = "half"
        [liquidity]
        depth_bps = 25
        depth_multiple = 0
        [prices]
        max_price_age = "45s"
        max_price_deviation = 0.03
        [approval]
        policy = "above"
        above = 500
        approvers = 2
        plan_ttl = "10m"
        requote_bps = 15
        [execution]
        max_slippage_bps = 20
        horizon = "1h"
        """
        + SMALLEST
    ).policy
    trigger, limits = policy.trigger, policy.limits
    assert (policy.unmanaged.value, policy.allow_partial, policy.rebalance_to) == ("sell", True, HALF_WAY)
    assert (trigger.kind, trigger.drift_mode.value) == (TriggerKind.HYBRID, "relative")
    assert (trigger.threshold, trigger.hybrid_threshold) == (Decimal("0.2"), Decimal("0.4"))
    assert (trigger.every, trigger.timezone) == ("30 6 * * 1", "Europe/Berlin")
    assert (trigger.cooldown, trigger.misfire_grace) == (timedelta(days=2), timedelta(minutes=90))
    assert (limits.depth_bps, limits.depth_multiple) == (Decimal(25), Decimal(0))
    assert (limits.max_price_age, limits.max_price_deviation) == (timedelta(seconds=45), Decimal("0.03"))
    assert (policy.approval, policy.approval_above, policy.approvers) == (Approval.ABOVE, Decimal(500), 2)
    assert (limits.plan_ttl, limits.requote_bps) == (timedelta(minutes=10), Decimal(15))
    assert (limits.max_slippage_bps, limits.horizon) == (Decimal(20), timedelta(hours=1))


@pytest.mark.parametrize(
    ("written", "meant"), [('"target"', "1"), ('"half"', "0.5"), ('"edge"', "0"), ("0.25", "0.25"), ("1", "1")]
)
def test_a_plan_leads_to_a_named_place_or_a_number(written: str, meant: str) -> None:
    """`to` takes target, half, edge, or a number from edge to target."""
    assert load(SMALLEST + f"[rebalance]\nto = {written}\n").policy.rebalance_to == Decimal(meant)


def test_targets_can_be_buckets_and_have_their_own_threshold() -> None:
    """A target is a number or a table; a bucket's name is one's own."""
    text = SMALLEST.replace("USDT = 0.4\n", "cash = { weight = 0.4, threshold = 0.02 }\n")
    policy = load(text + '[buckets]\ncash = ["USDT", "USDC"]\n').policy
    assert [t.threshold for t in policy.targets if t.name == "cash"] == [Decimal("0.02")]
    assert policy.assets_of("cash") == ("USDT", "USDC")


def test_the_order_of_the_file_does_not_matter() -> None:
    """Targets and venues come in the order of their names."""
    other = '[venues.alpha]\nexchange = "binance"\nholdings = { BTC = 1 }\n'
    assert load(SMALLEST + other) == load(other + SMALLEST.replace("USDT = 0.4\nBTC = 0.6", "BTC = 0.6\nUSDT = 0.4"))
    assert [venue.name for venue in load(SMALLEST + other).venues] == ["alpha", "kraken"]


@pytest.mark.parametrize("mode", ["simulation", "sandbox", "live"])
def test_each_mode_has_a_database_of_its_own(mode: str) -> None:
    """Pretended fills never mix with real ones by default; ~ is the user's home."""
    keys = 'key_env = "K"\nsecret_env = "S"\n'
    settings = load(f'mode = "{mode}"\n' + SMALLEST + keys, K="k", S="s")
    assert settings.database_url == f"sqlite+aiosqlite:////home/ada/.local/share/equipoise/{mode}.sqlite"


def test_a_live_venue_has_its_keys_and_no_holdings() -> None:
    """Keys come from the environment."""
    venue = '[venues.kraken]\nexchange = "kraken"\nkey_env = "K"\nsecret_env = "S"\nproxy = "http://127.0.0.1:81/"\n'
    text = 'mode = "live"\n' + SMALLEST.partition("[venues")[0] + venue
    (kraken,) = load(text, K="my-key", S="my-secret").venues
    assert kraken.has_keys
    assert (kraken.key, kraken.secret) == (Secret("my-key"), Secret("my-secret"))
    assert (kraken.proxy, kraken.base_url, kraken.holdings) == ("http://127.0.0.1:81", None, ())


@pytest.mark.parametrize("exchange", sorted(NEEDS_PASSPHRASE))
def test_a_passphrase_comes_with_the_key(exchange: str) -> None:
    """Where the exchange gives one; it shows itself as little as the secret does, and is kept out of the log."""
    venue = f'[venues.other]\nexchange = "{exchange}"\nkey_env = "K"\nsecret_env = "S"\n'
    with pytest.raises(ConfigMistakes, match=f"passphrase_env: is missing; .* keys of {exchange} have one"):
        load(SMALLEST + venue, K="my-key", S="my-secret")
    settings = load(f'{SMALLEST}{venue}passphrase_env = "P"\n', K="my-key", S="my-secret", P="my-phrase")
    (other,) = (venue for venue in settings.venues if venue.name == "other")
    assert other.passphrase == Secret("my-phrase")
    assert "my-phrase" not in repr(settings)
    assert "my-phrase" in secrets_of(settings)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.0.1.7", "[::1]:8080", "localhost:8080"])
def test_a_sandbox_is_controlled_on_this_computer(host: str) -> None:
    """Under whatever name this computer has for itself; nowhere unless an address is named."""
    keys = 'key_env = "K"\nsecret_env = "S"\n'
    text = 'mode = "sandbox"\n' + SMALLEST + keys
    named = load(text + f'[sandbox]\ncontrol = "http://{host}/"\n', K="k", S="s")
    assert named.sandbox_control == f"http://{host}"
    assert load(text, K="k", S="s").sandbox_control is None


def test_a_user_is_allowed_once(tmp_path: Path) -> None:
    """The same id twice is one person; a file saved with a byte order mark is read."""
    file = tmp_path / "config.toml"
    text = SMALLEST.replace('"TOKEN"\n', '"TOKEN"\nallowed_users = [7, 8, 7]\n')
    file.write_text("\ufeff" + text, encoding="utf-8")
    assert read_settings(file, {"TOKEN": TOKEN}).telegram.allowed_users == (7, 8)


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    """A missing file and one that is no text are mistakes like any other."""
    with pytest.raises(ConfigMistakes, match=r"cannot be read \(No such file.*copy config\.example\.toml"):
        read_settings(tmp_path / "none.toml", {})
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigMistakes, match="is not UTF-8 text; save it as UTF-8"):
        read_settings(binary, {})


def test_what_is_only_watched_has_a_day() -> None:
    """It is told apart from the venues, which can trade."""
    watched = '[watched.ledger]\nas_of = 2026-11-01\nholdings = { ETH = 2, BTC = "0.5" }\n'
    (ledger,) = load(SMALLEST + watched).watched
    assert (ledger.name, ledger.as_of.isoformat()) == ("ledger", "2026-11-01")
    assert ledger.holdings == (("BTC", Decimal("0.5")), ("ETH", Decimal(2)))
