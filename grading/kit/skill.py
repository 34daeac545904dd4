"""How good a predicted probability is, between always saying the average and knowing everything. numpy only.

Arrays have one axis and one length, a row each (ValueError otherwise). Probabilities are floats in 0..1, clipped to
[1e-6, 1 - 1e-6] before a logarithm; log losses are in nats per row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EDGE = 1e-6


def _clipped(q: npt.ArrayLike) -> Floats:
    return np.clip(np.asarray(q, dtype=np.float64), EDGE, 1 - EDGE)


def log_losses(target: npt.ArrayLike, q: npt.ArrayLike) -> Floats:
    """Per row -(t ln q + (1 - t) ln(1 - q)). With t = y (0 or 1) this is the realised log loss; with t = p(y=1|x), the
    true probability, it is its expectation over y (Gneiting & Raftery 2007, strictly proper scoring rules): the same
    measure without the noise of the label."""
    t, q = np.asarray(target, dtype=np.float64), _clipped(q)
    return np.asarray(-(t * np.log(q) + (1 - t) * np.log(1 - q)), dtype=np.float64)


def expected_log_loss(p_true: npt.ArrayLike, q: npt.ArrayLike) -> float:
    """Mean of log_losses against the true probability, in nats. nan where there are no rows."""
    return float(log_losses(p_true, q).mean())


def brier_losses(target: npt.ArrayLike, q: npt.ArrayLike) -> Floats:
    """Per row t (1 - q)^2 + (1 - t) q^2 (Brier 1950). With t = y (0 or 1) it is the realised score (y - q)^2; with
    t = the true probability it is its expectation over y, (p - q)^2 + p (1 - p). 0..1; the constant 0.5 has 0.25."""
    t, said = np.asarray(target, dtype=np.float64), np.asarray(q, dtype=np.float64)
    return np.asarray(t * (1 - said) ** 2 + (1 - t) * said**2, dtype=np.float64)


def entropy(rate: float) -> float:
    """Log loss of always saying `rate` (0..1) where `rate` is right, in nats: -(r ln r + (1 - r) ln(1 - r))."""
    return float(log_losses([rate], [rate])[0])


def skill_score(p_true: npt.ArrayLike, q: npt.ArrayLike, naive: float, oracle: npt.ArrayLike) -> float:
    """(L_naive - L) / (L_naive - L_oracle), all in expected log loss: 0 = the constant `naive`, 1 = the oracle.

    naive: the constant probability that somebody without a model would say (the training base rate). oracle: the best
    prediction that the observable data allow. Raises ValueError when the oracle is no better than the constant.
    """
    p = np.asarray(p_true, dtype=np.float64)
    constant = expected_log_loss(p, np.full(len(p), naive))
    return skill_of_losses(expected_log_loss(p, q), constant, expected_log_loss(p, oracle))


def skill_of_losses(loss: float, naive: float, oracle: float) -> float:
    """(naive - loss) / (naive - oracle) of any mean loss (pinball, deviance, Brier): 0 = naive, 1 = the oracle.

    All three in one unit. Raises ValueError when the oracle loses as much as the naive forecast.
    """
    if naive - oracle <= 1e-9:
        raise ValueError("the oracle is no better than the constant: this world has no signal")
    return (naive - loss) / (naive - oracle)


def relative_gain(loss: float, base_loss: float) -> float:
    """1 - loss / base_loss: the share of the constant's uncertainty that is removed (McFadden's R2, 1974).

    Both in one unit, base_loss above 0. A change of the base rate from one month to the next cancels out, so a claim
    and a later month can be compared. Below 0 for what is worse than the constant.
    """
    return 1 - loss / base_loss


@dataclass(frozen=True, slots=True)
class Calibration:
    """mean_predicted, mean_true: average probability said and true. intercept, slope: of the logistic regression of
    the truth on logit(q) (Cox 1958); 0 and 1 are right. lost: expected log loss, in nats, that it would win back."""

    mean_predicted: float
    mean_true: float
    intercept: float
    slope: float
    lost: float

    @property
    def ratio(self) -> float:
        """mean_predicted / mean_true: calibration in the large."""
        return self.mean_predicted / self.mean_true


def calibration(p_true: npt.ArrayLike, q: npt.ArrayLike, steps: int = 50) -> Calibration:
    """Compare said (q) with true probabilities (p_true, or labels 0 and 1).

    The recalibration is a logistic regression of the truth on logit(q), fitted by Newton's method on the expected log
    loss in at most `steps` steps.
    """
    p, said = np.asarray(p_true, dtype=np.float64), _clipped(q)
    logit = np.log(said / (1 - said))
    design = np.column_stack([np.ones(len(p)), logit])
    beta = np.array([0.0, 1.0])
    for _ in range(steps):
        fitted = _sigmoid(design @ beta)
        gradient = design.T @ (p - fitted)
        weights = fitted * (1 - fitted)
        hessian = (design * weights[:, None]).T @ design + 1e-9 * len(p) * np.eye(2)
        step = np.clip(np.linalg.solve(hessian, gradient), -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    lost = max(0.0, expected_log_loss(p, said) - expected_log_loss(p, _sigmoid(design @ beta)))
    return Calibration(float(np.mean(said)), float(p.mean()), float(beta[0]), float(beta[1]), lost)


def deciles(target: npt.ArrayLike, q: npt.ArrayLike, groups: int = 10) -> list[tuple[float, float]]:
    """(mean said, mean true) in `groups` equal groups of rows by what was said, least first: points for `curve`.

    target: labels 0 and 1, or true probabilities. Fewer groups where there are fewer rows. On the diagonal the model is
    calibrated (reliability diagram, Murphy & Winkler 1977).
    """
    t, said = np.asarray(target, dtype=np.float64), np.asarray(q, dtype=np.float64)
    ordered = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(ordered, groups) if len(part)]
    return [(float(said[part].mean()), float(t[part].mean())) for part in parts]


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -40, 40))), dtype=np.float64)


def bootstrap_bound(
    values: npt.ArrayLike, *, confidence: float = 0.95, draws: int = 400, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval (Efron 1979) of the mean of `values`: (low, high), in their unit.

    E.g. of per-row losses where the world does not know the true probability. confidence: 0..1. draws: how many
    resamples; memory is draws x rows x 16 bytes. Same seed, same interval. Raises ValueError when there are no values.
    """
    data = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, len(data), (draws, len(data)))
    low, high = np.quantile(data[picks].mean(axis=1), [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def auc(target: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Probability that a positive has a larger score than a negative, ties half (Mann-Whitney U / n1 n0).

    target: labels 0 or 1, or true probabilities in 0..1: then a row counts as a positive with weight p and as a
    negative with weight 1 - p, which gives the expectation over labels. 0.5 when a class is absent. Missing scores
    count as the median.
    """
    p, x = np.asarray(target, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if not 0 < p.sum() < len(p):
        return 0.5
    gaps = np.isnan(x)
    x = np.where(gaps, 0.0 if gaps.all() else np.nanmedian(x), x)
    _, group = np.unique(x, return_inverse=True)
    negatives = np.bincount(group, 1 - p)
    below = np.cumsum(negatives) - negatives / 2
    return float((p * below[group]).sum() / (p.sum() * negatives.sum()))
