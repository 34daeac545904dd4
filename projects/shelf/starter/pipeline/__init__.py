"""From a chain's tills, counts, plans and weather to a forecast for each shelf."""
