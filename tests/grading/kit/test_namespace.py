"""The kit's public names: what strangers may import and rely on."""

import grading.kit

PUBLIC = [
    "Agreement",
    "Answer",
    "AuthorFault",
    "Calibration",
    "Check",
    "CheckAnswer",
    "Difference",
    "DoesNotHold",
    "IdDifference",
    "NotJson",
    "Produced",
    "Service",
    "Truth",
    "Usage",
    "agree",
    "auc",
    "bootstrap_bound",
    "burst_cut",
    "calibration",
    "check",
    "collateral",
    "collect_checks",
    "compare_ids",
    "counted",
    "describe_bytes",
    "differing_answers",
    "differing_columns",
    "document",
    "entropy",
    "expect",
    "expected_log_loss",
    "explain_loss",
    "lines",
    "listed",
    "log_losses",
    "model_file",
    "open_regular",
    "parse_json",
    "printable",
    "read_regular",
    "recall_by",
    "relative_gain",
    "repair_by_kind",
    "run_checks",
    "same_cells",
    "shares",
    "skill_score",
    "table",
    "time_travel",
]


def test_the_public_names_are_these_and_all_of_them_explain_themselves() -> None:
    assert sorted(PUBLIC) == sorted(grading.kit.__all__)
    silent = [name for name in PUBLIC if not (getattr(grading.kit, name).__doc__ or "").strip()]
    assert silent == []
