"""Targets that follow the market: one pure function per model, and one place that keeps all of them within bounds.

A model sees a `ModelView`: past prices that were cut at the decision's instant, the static targets, those at present,
and its settings. It says which weights it wants and the figures that they follow from, or why it cannot tell.

- `view`: what a model sees.
- `volatility`, `risk`, `trends`, `signals`: the models.
- `bounds`: what is wanted, made weights that keep every bound and sum to exactly 1.
- `outcome`: what the model of a policy says now, and whether a date of its grid calls for a change.
- `shadow`: what a model's targets would have made by the record, beside the static ones.

Everything here loads numpy: the pipeline imports it late, for a policy that has a model.
"""
