"""What the data dictionary says, as constants. Nothing in here was learned from data."""

HOME_ZONE = "America/New_York"
# Field of a file -> our name, by the file's first line: the two schemas share no header.
SECOND_SCHEMA = {
    "id": "flight_id",
    "svc": "service",
    "rev": "revision",
    "day": "date",
    "airline": "carrier",
    "number": "flight",
    "registration": "tailnum",
    "from": "origin",
    "to": "dest",
    "std": "sched_dep_time",
    "sta": "sched_arr_time",
    "atd": "dep_time",
    "ata": "arr_time",
    "delay_out": "dep_delay",
    "delay_in": "arr_delay",
    "airborne_min": "air_time",
    "miles": "distance",
    "msg": "message_id",
}
FIRST_SCHEMA = {name: name for name in SECOND_SCHEMA.values()}
DATE_FORMATS = {1: "%Y-%m-%d", 2: "%d.%m.%Y"}
PASSENGERS = "J"
# The airports' list covers the fifty states; these four it never had.
UNLISTED_AIRPORTS = {
    "BQN": ("Rafael Hernandez", "America/Puerto_Rico"),
    "PSE": ("Mercedita", "America/Puerto_Rico"),
    "SJU": ("Luis Munoz Marin Intl", "America/Puerto_Rico"),
    "STT": ("Cyril E King", "America/St_Thomas"),
}
KM_PER_MILE, MM_PER_INCH = 1.609344, 25.4
# The instrument sees ten miles at most, and no wind of 200 mph was ever measured there.
FARTHEST_SIGHT, FASTEST_WIND = 10.0, 200.0
BUILT = (1950, 2013)
LATE_MINUTES = 30
HOURS_BEFORE = 2
