"""The room in which data are made: domain and seed become truth, messy sources, a log of defects. It knows nobody."""
