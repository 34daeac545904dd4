"""Turns the amounts of the feed into euros: decimal commas, minor units, lost amounts, currencies."""

import numpy as np
import pandas as pd

from pipeline.change_log import ChangeLog
from pipeline.dictionary import Dictionary

# Minor units are a hundred times the amount: the middle, in powers of ten, lies at one.
MINOR_UNIT_JUMP = 1.0
SHORTEST_INCIDENT_DAYS = 7
# A rate moves by a few per cent in half a year; one that is turned over jumps.
UNMISTAKABLE = 0.1


def published_rates(fx: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """Euros per unit by day (rows) and currency (columns): inverted weeks put right, gaps filled forwards."""
    rates = fx.assign(date=pd.to_datetime(fx["date"])).pivot(index="date", columns="currency", values="eur_per_unit")
    usual = rates.median()
    # A currency near parity is as far from its inverse as from itself, so nearness alone proves nothing.
    off, off_if_turned = np.log(rates / usual).abs(), np.log(rates * usual).abs()
    inverted = (off > UNMISTAKABLE) & (off_if_turned < off)
    for currency in rates.columns:
        days = rates.index[inverted[currency]].strftime("%Y-%m-%d")
        log.note("fx", f"{currency}:" + days, "eur_per_unit", "published the wrong way round", "repair")
    return rates.where(~inverted, 1 / rates).asfreq("D").ffill()


def own_currency(sales: pd.DataFrame, country: pd.Series, dictionary: Dictionary, log: ChangeLog) -> pd.Series:
    """The currency of the merchant's country, which is the one that a sale there is in, whatever the message says."""
    own = country.map(dictionary.currencies)
    log.note("transactions", sales.loc[own != sales["currency"], "txn_id"], "currency", "not the merchant's", "repair")
    return own


def euros(sales: pd.DataFrame, rates: pd.DataFrame, dictionary: Dictionary, log: ChangeLog) -> pd.Series:
    """Amounts in euros at the rate of the day of the sale; null where the amount got lost."""
    amount = _major_units(sales, log)
    lost = amount >= dictionary.field_maximum
    log.note("transactions", sales.loc[lost, "txn_id"], "amount_eur", "field maximum", "null")
    amount = amount.mask(lost)
    minor = _sent_in_minor_units(sales, amount)
    log.note("transactions", sales.loc[minor, "txn_id"], "amount_eur", "minor units sent as major", "repair")
    known = rates.assign(**{dictionary.home_currency: 1.0})
    return amount.mask(minor, amount / 100) * _rate_of_each(sales, known)


def _major_units(sales: pd.DataFrame, log: ChangeLog) -> pd.Series:
    comma = sales["amount_raw"].str.contains(",", regex=False)
    log.note("transactions", sales.loc[comma, "txn_id"], "amount_eur", "decimal comma", "repair")
    amount = pd.to_numeric(sales["amount_raw"].str.replace(",", ".", regex=False))
    return amount.where(sales["schema"] == 1, amount / 100)


def _sent_in_minor_units(sales: pd.DataFrame, amount: pd.Series) -> pd.Series:
    """Sales of a gateway on the days between which its amounts stand a hundred times too high (incident 311).

    Each amount is compared with what is usual for its merchant, so that a day with few sales tells as much as it can.
    """
    size = np.log10(amount)
    excess = size - size.groupby(sales["merchant_id"]).transform("median")
    day = sales["event_ts"].dt.floor("D")
    first_schema = sales["schema"] == 1
    daily = excess[first_schema].groupby([sales["gateway"], day]).median()
    suspicious = daily[daily > MINOR_UNIT_JUMP].reset_index()
    minor = pd.Series(False, index=sales.index)
    for gateway, days in suspicious.groupby("gateway")["event_ts"]:
        if len(days) >= SHORTEST_INCIDENT_DAYS:
            minor |= first_schema & (sales["gateway"] == gateway) & day.between(days.min(), days.max())
    return minor


def _rate_of_each(sales: pd.DataFrame, rates: pd.DataFrame) -> np.ndarray:
    day = rates.index.get_indexer(sales["event_ts"].dt.tz_localize(None).dt.floor("D"), method="ffill")
    return rates.to_numpy()[day, rates.columns.get_indexer(sales["currency"])]
