"""How work is judged: a plain Python program that knows neither people nor Django."""
