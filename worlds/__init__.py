"""The room in which data are made: a domain and a seed become truth, messy sources, a log of defects. It knows nobody."""
