"""Statistics of past prices: how much assets move, how much of it together, and weights that follow from it.

Binary fractions and numpy live here; whoever decides by a figure makes an exact decimal of it first. Import the modules
late: a look that asks for no statistics loads no numpy.

- `panel`: prices on one grid of instants, and the returns between its neighbours. Everything else begins with it.
- `ewma`: exponentially weighted volatility, today's and what it has been.
- `covariance`: correlations and volatilities of now; `shrinkage` makes them fit to be optimised with.
- `diversification`: how much the assets are one bet, today and before.
- `regimes`: whether a volatility is high by its own past.
- `weights`: risk parity, inverse volatility, exposure to a volatility target, momentum.

Nothing later than the decision is looked at, no price is made up for a gap, and what too little is known for is None.
"""
