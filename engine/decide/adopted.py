"""The targets that a decision begins with: the policy's static weights, or the adopted ones that took their place."""

from __future__ import annotations

from dataclasses import replace

from engine.model.decision import DecisionInputs
from engine.model.policy import Policy
from engine.model.target_changes import NamedWeights


def with_adopted(inputs: DecisionInputs) -> DecisionInputs:
    """The inputs with the adopted weights as the policy's targets; the very same inputs where none are adopted.

    Guards scale these weights like static ones: this comes before them.
    """
    weights = adopted_weights(inputs)
    return inputs if not weights else replace(inputs, policy=_reweighted(inputs.policy, weights))


def adopted_weights(inputs: DecisionInputs) -> NamedWeights:
    """The weights that were adopted for the very targets that the policy has; none where there are none."""
    adopted = inputs.standing.models.adopted
    if adopted is None or {n for n, _ in adopted.weights} != {t.name for t in inputs.policy.targets}:
        return ()
    return adopted.weights


def _reweighted(policy: Policy, weights: NamedWeights) -> Policy:
    known = dict(weights)
    return replace(policy, targets=tuple(replace(target, weight=known[target.name]) for target in policy.targets))
