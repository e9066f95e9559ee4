"""The tables of the configuration file as people write them: every key, its kind and its default.

`PolicyTables` is the part that a policy file holds alone; `FileTables` is the whole file.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
)

from bot.config.fields import AssetName, ClockTime, Duration, NotNegative, Number, ShortName, WebAddress, number
from bot.config.holding import holding_text
from bot.config.mistakes import shown
from bot.config.model_tables import ModelTable, PolicyModelTable
from bot.config.quotes import QUOTES, exchanges
from bot.config.risk_tables import RiskTable
from bot.config.schedules import schedule, time_zone
from bot.config.table import STRICT
from engine.model.events import Mode
from engine.model.lots import LotMethod, OrderKey, Scope
from engine.model.policy import (
    HALF_WAY,
    TO_EDGE,
    TO_TARGET,
    Approval,
    DriftMode,
    Limits,
    Slicing,
    Trigger,
    TriggerKind,
    Unmanaged,
)
from engine.model.tax_policy import FeePolicy, Harvesting, OpeningBasis

TELEGRAM: Final = "https://api.telegram.org"
DESTINATIONS: Final = {"target": TO_TARGET, "half": HALF_WAY, "edge": TO_EDGE}
LIMITS: Final = Limits()
TRIGGER: Final = Trigger()


def _target(value: object) -> object:
    return value if isinstance(value, dict) else {"weight": value}


def _destination(value: object) -> Decimal:
    if isinstance(value, str) and value in DESTINATIONS:
        return DESTINATIONS[value]
    try:
        return number(value)
    except ValueError:
        raise ValueError(
            f"expected target, half, edge, or a number from 0 (edge) to 1 (target), got {shown(value)}"
        ) from None


def _exchange(value: object) -> object:
    if not isinstance(value, str) or value not in QUOTES:
        choice = exchanges("'")
        raise ValueError(f"expected {choice}, got {shown(value)}")
    return value


def _user_id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError(f"{shown(value)} is no user's id; write the number that the bot answers to /whoami")
    return value


Exchange = Annotated[str, BeforeValidator(_exchange)]


class Table(BaseModel):
    """A table of the file."""

    model_config = STRICT


class TargetTable(Table):
    """A target's weight, and its own threshold where it has one."""

    weight: Number
    threshold: Number | None = None


class PolicyPortfolioTable(Table):
    """What becomes of the rest of the portfolio."""

    unmanaged: Unmanaged = Unmanaged.KEEP
    allow_partial: StrictBool = False


class TriggerTable(Table):
    """When a plan is made."""

    kind: TriggerKind = TRIGGER.kind
    drift_mode: DriftMode = TRIGGER.drift_mode
    threshold: Number = TRIGGER.threshold
    every: Annotated[StrictStr, AfterValidator(schedule)] = TRIGGER.every
    timezone: Annotated[StrictStr, AfterValidator(time_zone)] = TRIGGER.timezone
    hybrid_threshold: Number = TRIGGER.hybrid_threshold
    cooldown: Duration = TRIGGER.cooldown
    misfire_grace: Duration = TRIGGER.misfire_grace


class RebalanceTable(Table):
    """Where a plan leads, and what is too small or too dear for it."""

    to: Annotated[Decimal, BeforeValidator(_destination)] = TO_TARGET
    tolerance: Number = LIMITS.tolerance
    min_trade: Number = LIMITS.min_trade
    max_cost_bps: Number = LIMITS.max_cost_bps


class LiquidityTable(Table):
    """How much a book must hold near its best price."""

    depth_bps: Number = LIMITS.depth_bps
    depth_multiple: Number = LIMITS.depth_multiple


class PricesTable(Table):
    """Which prices are left out."""

    max_price_age: Duration = LIMITS.max_price_age
    max_price_deviation: Number = LIMITS.max_price_deviation


class ApprovalTable(Table):
    """Who approves, and how long it counts."""

    policy: Approval = Approval.ALWAYS
    above: Number = Decimal(0)
    approvers: StrictInt = 1
    plan_ttl: Duration = LIMITS.plan_ttl
    requote_bps: Number = LIMITS.requote_bps


class ExecutionTable(Table):
    """How an approved plan is worked off."""

    max_slippage_bps: Number = LIMITS.max_slippage_bps
    slice_max: Number = LIMITS.slice_max
    horizon: Duration = LIMITS.horizon
    risk_horizon: Duration = LIMITS.risk_horizon
    slicing: Slicing = LIMITS.slicing
    jitter: Number = LIMITS.jitter
    patience: Duration = LIMITS.patience
    maker_first: StrictBool = False
    maker_wait: Duration = timedelta(seconds=60)


class QuietTable(Table):
    """When nobody is to be woken; both or neither."""

    begin: ClockTime | None = None
    end: ClockTime | None = None


class TaxTable(Table):
    """Which lots a sale uses up, and the law that its gains are taxed by.

    What is left out is as the profile says; without one as the first choice of each kind.
    """

    method: LotMethod | None = None
    weight_in_plan: StrictBool = False
    profile: StrictStr | None = None
    scope: Scope | None = None
    order_key: OrderKey = OrderKey.UNIT_COST
    holding: Annotated[StrictStr, AfterValidator(holding_text)] = "anniversary"
    timezone: Annotated[StrictStr, AfterValidator(time_zone)] | None = None
    fees: FeePolicy = FeePolicy.DISPOSE
    opening_basis: OpeningBasis = OpeningBasis.UNKNOWN
    by_year: dict[int, LotMethod] = {}
    harvest: Harvesting = Harvesting.OFF


class PolicyTables(Table):
    """The policy part of the file."""

    portfolio: PolicyPortfolioTable = PolicyPortfolioTable()
    targets: dict[str, Annotated[TargetTable, BeforeValidator(_target)]] = {}
    buckets: dict[str, list[AssetName]] = {}
    trigger: TriggerTable = TriggerTable()
    rebalance: RebalanceTable = RebalanceTable()
    liquidity: LiquidityTable = LiquidityTable()
    prices: PricesTable = PricesTable()
    approval: ApprovalTable = ApprovalTable()
    execution: ExecutionTable = ExecutionTable()
    quiet: QuietTable = QuietTable()
    tax: TaxTable = TaxTable()
    risk: RiskTable = RiskTable()
    model: PolicyModelTable = PolicyModelTable()


class PortfolioTable(PolicyPortfolioTable):
    """The portfolio as a whole."""

    name: ShortName = "main"
    numeraire: AssetName | None = None


class ScheduleTable(Table):
    """How often the bot looks, and how often it says that it lives."""

    check_every: Duration = timedelta(seconds=60)
    heartbeat: Duration = timedelta(hours=6)


class TelegramTable(Table):
    """The chat."""

    token_env: StrictStr | None = None
    token_file: StrictStr | None = None
    allowed_users: list[Annotated[int, BeforeValidator(_user_id)]] = []
    base_url: WebAddress = TELEGRAM
    proxy: WebAddress | None = None
    drop_pending: StrictBool = False


class DatabaseTable(Table):
    """Where the journal is kept."""

    url: StrictStr | None = None


class VenueTable(Table):
    """An account on an exchange."""

    exchange: Exchange | None = None
    key_env: StrictStr | None = None
    key_file: StrictStr | None = None
    secret_env: StrictStr | None = None
    secret_file: StrictStr | None = None
    passphrase_env: StrictStr | None = None
    passphrase_file: StrictStr | None = None
    base_url: WebAddress | None = None
    proxy: WebAddress | None = None
    holdings: dict[AssetName, NotNegative] = {}
    reserve: dict[AssetName, NotNegative] = {}


class WatchedTable(Table):
    """What lies elsewhere, typed in by hand."""

    as_of: date
    holdings: dict[AssetName, NotNegative]


class ReferenceTable(Table):
    """An exchange whose public prices tell what the numeraire is worth where no venue quotes it."""

    exchange: Exchange | None = None
    base_url: WebAddress | None = None
    proxy: WebAddress | None = None


class SandboxTable(Table):
    """The sandbox that is traded on."""

    control: WebAddress | None = None


class LoggingTable(Table):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    as_json: StrictBool = Field(default=False, alias="json")


class FileTables(PolicyTables):
    """The whole file."""

    mode: Mode = Mode.SIMULATION
    portfolio: PortfolioTable = PortfolioTable()
    model: ModelTable = ModelTable()
    schedule: ScheduleTable = ScheduleTable()
    telegram: TelegramTable = TelegramTable()
    database: DatabaseTable = DatabaseTable()
    venues: dict[ShortName, VenueTable] = {}
    watched: dict[ShortName, WatchedTable] = {}
    reference: ReferenceTable = ReferenceTable()
    sandbox: SandboxTable = SandboxTable()
    logging: LoggingTable = LoggingTable()
