"""What is known of a pump apart from its sensors. Moments are seconds since 1970."""

import numpy as np

HOUR = 3600
DAY = 24 * HOUR
YEAR_DAYS = 365.25


def static_columns(make: str, born: int, at: np.ndarray, running_since: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "is_velo": np.full(len(at), int(make == "Velo")),
        "age_years": (at - born) / (DAY * YEAR_DAYS),
        "hours_since_service": (at - running_since) / HOUR,
    }
