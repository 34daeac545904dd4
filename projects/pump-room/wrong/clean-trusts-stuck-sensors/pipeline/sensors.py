"""What a sensor really said: stuck ones and missing probes told apart, units brought together."""

import pandas as pd

NO_PROBE = -40.0
HOTTEST_CELSIUS = 90.0
HIGHEST_BAR = 10.0
PSI_PER_BAR = 14.5038
FEWEST_EQUAL = 6000

CONVERTED, STUCK, WITHOUT_PROBE = 1, 2, 4


def mend(packets: pd.DataFrame) -> pd.DataFrame:
    """Packets (device_id, site, ts, vib, temp, pressure, load) with channels in mm/s, °C and bar, and their quality."""
    packets = packets.sort_values(["device_id", "ts"], kind="stable", ignore_index=True)
    probe = packets["temp"] != NO_PROBE
    temp = packets["temp"].where(probe)
    stuck = {name: is_stuck(packets["device_id"], cells) for name, cells in packets[["vib", "pressure"]].items()}
    stuck["temp"] = is_stuck(packets["device_id"], temp)
    fahrenheit = temp > HOTTEST_CELSIUS
    psi = packets.groupby("site")["pressure"].transform("median") > HIGHEST_BAR
    celsius = temp.where(~fahrenheit, (temp - 32) / 1.8)
    bar = packets["pressure"].where(~psi, packets["pressure"] / PSI_PER_BAR)
    any_stuck = stuck["vib"] | stuck["temp"] | stuck["pressure"]
    return packets.assign(
        vib=packets["vib"].mask(stuck["vib"]),
        temp_c=celsius.mask(stuck["temp"]),
        pressure_bar=bar.mask(stuck["pressure"]),
        quality=CONVERTED * (fahrenheit | psi) + STUCK * any_stuck + WITHOUT_PROBE * ~probe,
    )


def is_stuck(device: pd.Series, cells: pd.Series) -> pd.Series:
    """Whether a reading is one of six or more equal ones in a row; rows are in order of device and time."""
    begins = (cells != cells.shift()) | (device != device.shift())
    length = cells.groupby(begins.cumsum()).transform("size")
    return (length >= FEWEST_EQUAL) & cells.notna()
