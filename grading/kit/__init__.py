"""What check authors import: `from grading.kit import check, expect, table, ...`. One flat public namespace.

Checks read what a learner's code produced and what the world knows, and answer in sentences. Nothing in here knows a
project, a person or a sandbox, and nothing imports a learner's code or unpickles its bytes.
"""

from grading.kit.checking import (
    AuthorFault,
    Check,
    CheckAnswer,
    DoesNotHold,
    check,
    collect_checks,
    expect,
    run_checks,
)
from grading.kit.compare import (
    Agreement,
    IdDifference,
    agree,
    collateral,
    compare_ids,
    explain_loss,
    recall_by,
    repair_by_kind,
    same_cells,
    shares,
)
from grading.kit.documents import document, lines
from grading.kit.http import Answer, Service
from grading.kit.models import model_file
from grading.kit.opening import describe_bytes, open_regular, read_regular
from grading.kit.printing import counted, listed, printable
from grading.kit.probes import (
    Difference,
    burst_cut,
    differing_answers,
    differing_columns,
    time_travel,
)
from grading.kit.produced import Produced, Usage
from grading.kit.skill import (
    Calibration,
    auc,
    bootstrap_bound,
    calibration,
    entropy,
    expected_log_loss,
    log_losses,
    relative_gain,
    skill_score,
)
from grading.kit.strict_json import NotJson, parse_json
from grading.kit.tables import table
from grading.kit.truth import Truth

__all__ = [
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
