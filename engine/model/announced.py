"""The facts that people are told of: each leaves a row in the outbox, in the transaction that writes it."""

from __future__ import annotations

from typing import Final

from engine.model import events as ev

ANNOUNCED: Final[frozenset[type]] = frozenset(
    {
        ev.PlanningPaused,
        ev.PlanningResumed,
        ev.TradingKilled,
        ev.TradingRevived,
        ev.DriftAlertsChanged,
        ev.CalendarAnswered,
        ev.CashFlowSeen,
        ev.VenueHealthChanged,
        ev.VetoesChanged,
        ev.LoudnessChosen,
        ev.QuietChosen,
        ev.WithdrawalSeen,
        ev.WithdrawalReturned,
        ev.TransitAnswered,
        ev.TransferArrived,
        ev.TransferNoticed,
        ev.ChangeQuestioned,
        ev.ChangeAnswered,
        ev.ChangeResolved,
        ev.HarvestSuggested,
        ev.ConditionsChanged,
        ev.GuardRearmed,
        ev.GuardSigned,
        ev.GuardUnsigned,
        ev.VenueResumed,
        ev.TargetsProposed,
        ev.TargetsAdopted,
        ev.TargetsKept,
        ev.TargetsLapsed,
        ev.TargetsDropped,
        ev.MemberAdded,
        ev.PlanProposed,
        ev.ApprovalGiven,
        ev.PlanApproved,
        ev.PlanDeclined,
        ev.PlanExpired,
        ev.PlanSuperseded,
        ev.ExecutionStarted,
        ev.ExecutionPaused,
        ev.ExecutionResumed,
        ev.StopRequested,
        ev.LegSettled,
        ev.LegWaiting,
        ev.SliceEnded,
        ev.PlanCompleted,
        ev.PlanAborted,
        ev.OrderUnconfirmed,
        ev.OrderQuarantined,
        ev.OrderGivenUp,
        ev.OrderRejected,
        ev.FillBooked,
    }
)
