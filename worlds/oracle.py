"""The best score that could be reached with what can be seen, and losses against the true probability."""

from dataclasses import dataclass

import numpy as np

from worlds.vocabulary import sigmoid

_GRID = np.linspace(-3.2, 3.2, 25)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Latent:
    """A standard normal trait of each row's entity that nobody sees: its effect, and what is known of it beforehand.

    `of_row` (n,) numbers the entity of each row; `mean` and `sd` (n,) are its prior given what can be seen.
    """

    of_row: np.ndarray
    effect: float
    mean: np.ndarray
    sd: np.ndarray


def observable_oracle(
    offset: np.ndarray, outcome: np.ndarray, learnable: np.ndarray, scored: np.ndarray, first: Latent, second: Latent
) -> np.ndarray:
    """P(outcome) of the `scored` rows for somebody who knows all coefficients but must infer the two traits.

    offset (n,): the true log-odds without the traits. The trait of `first` is integrated over its posterior with
    `second` marginalised, then `second` given the posterior mean of `first`; both from the `learnable` rows.
    """
    of_first = _posterior(first, _likelihood_first(offset, outcome, first, second, learnable), learnable)
    typical = of_first @ _GRID
    shifted = offset + first.effect * typical[first.of_row]
    of_second = _posterior(second, _likelihood(shifted[learnable], outcome[learnable], second.effect), learnable)
    weights_first, weights_second = of_first[first.of_row[scored]], of_second[second.of_row[scored]]
    probability = np.zeros(int(scored.sum()))
    for value, weight in zip(_GRID, weights_first.T, strict=True):
        score = offset[scored, None] + first.effect * value + second.effect * _GRID
        probability += weight * (sigmoid(score) * weights_second).sum(axis=1)
    return probability


def _log_likelihood(probability: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.where(outcome[:, None] == 1, probability, 1 - probability)))


def _likelihood(offset: np.ndarray, outcome: np.ndarray, effect: float) -> np.ndarray:
    return _log_likelihood(sigmoid(offset[:, None] + effect * _GRID), outcome)


def _likelihood_first(
    offset: np.ndarray, outcome: np.ndarray, first: Latent, second: Latent, rows: np.ndarray
) -> np.ndarray:
    probability = np.zeros((int(rows.sum()), len(_GRID)))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        trait = second.mean[rows] + second.sd[rows] * node
        probability += weight * sigmoid((offset[rows] + second.effect * trait)[:, None] + first.effect * _GRID)
    return _log_likelihood(probability, outcome[rows])


def _posterior(latent: Latent, log_likelihood: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(entities, grid): what each entity's trait may be, given its prior and its rows."""
    entities = int(latent.of_row.max()) + 1
    mean, sd = np.zeros(entities), np.ones(entities)
    mean[latent.of_row], sd[latent.of_row] = latent.mean, latent.sd
    density = -((_GRID - mean[:, None]) ** 2) / (2 * sd[:, None] ** 2)
    np.add.at(density, latent.of_row[rows], log_likelihood)
    density = np.exp(density - density.max(axis=1, keepdims=True))
    return np.asarray(density / density.sum(axis=1, keepdims=True))


def expected_log_loss(truth: np.ndarray, said: np.ndarray) -> float:
    """Mean log loss of the probabilities `said` when outcomes are drawn with the probabilities `truth`."""
    said = np.clip(said, 1e-6, 1 - 1e-6)
    return float(-(truth * np.log(said) + (1 - truth) * np.log(1 - said)).mean())


def skill(truth: np.ndarray, said: np.ndarray, naive: float, oracle: np.ndarray) -> float:
    """1 = as good as the oracle, 0 = as good as the constant `naive`, below 0 = worse than knowing nothing."""
    floor = expected_log_loss(truth, np.full(len(truth), naive))
    return (floor - expected_log_loss(truth, said)) / (floor - expected_log_loss(truth, oracle))
