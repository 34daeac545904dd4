"""What the data dictionary says, as constants. Nothing in here was learned from data."""

ZONES = {
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "PL": "Europe/Warsaw",
    "US": "America/New_York",
}
CATEGORIES = ("electronics", "fashion", "gaming", "grocery", "pharmacy", "travel")
CHANNELS = ("app", "pos", "web")
DATE_FORMATS = {"crm": "%Y-%m-%d", "web": "%m/%d/%Y", "legacy": "%d.%m.%y"}
BIRTH_YEARS = (1935, 2006)
MONITORING_CUSTOMER = "c_000000"
FIELD_MAXIMUM = 9_999_999.99

# Half of all disputes arrive within nine days of the sale and nearly all within 35: a younger sale without a dispute
# is one that we know nothing about yet.
MATURITY_DAYS = 35
