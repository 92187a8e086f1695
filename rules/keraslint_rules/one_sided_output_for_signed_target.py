"""A head that cannot be negative for targets that are."""

from collections.abc import Iterator
from math import inf

from keraslint import Fact, Family, Finding, Head, Labels, Loss, Outputs, Severity, Training, change, rule

COST = {
    "relu": "in trials with standardised targets R2 was 0.00 (the unit had died) and 0.42, with a linear head 0.97",
    "softplus": "in trials with standardised targets R2 was 0.43 and 0.55, with a linear head 0.97",
    "exponential": "in trials with standardised targets R2 was 0.42 and 0.55, with a linear head 0.97",
}


@rule(Training, Severity.WARNING)
def check(training: Training) -> Iterator[Finding]:
    """An output that is never negative cannot reach negative targets.

    A relu answers zero or more, softplus and exponential more than zero. Where a target is negative, zero is the best
    that such a head can do, and a relu that has arrived there gets no gradient any more. In trials with standardised
    targets a linear head came to R2 0.97, softplus and exponential to 0.42 to 0.55, and a relu to 0.42 or, dead, to 0.

    Bad:
        import keras
        from sklearn.preprocessing import StandardScaler

        target = StandardScaler().fit_transform(temperatures)
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="relu")])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, target)

    Good:
        import keras
        from sklearn.preprocessing import StandardScaler

        target = StandardScaler().fit_transform(temperatures)
        model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, target)

    When it is fine:
        Targets that cannot be negative: prices, counts, distances, as they are or divided by their largest.

    References:
        https://keras.io/api/layers/activations/
    """
    match training:
        case Training(
            head=Head(activation=Fact(str(name)) as activation, outputs=Fact(Outputs(low=low, high=high))),
            loss=Loss(name=loss, family=Family.REGRESSION),
            labels=Labels() as labels,
        ) if low >= 0 and high == inf and labels.beyond(low, inf):
            # a bounded head: bounded-output-for-unbounded-target
            negative = labels.beyond(low, inf)
            assert negative
            yield Finding(
                f"`{name}` never answers below {low:g}, but there are negative targets",
                because=(activation.saying(f"{low:g} or more"), negative, loss),
                notes=(COST[name],) if name in COST else (),
                help="make the head linear",
                fixes=change(activation, '"linear"', "Make the head linear"),
            )
