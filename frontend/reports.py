"""What the report of an assessment shows, as plain values; its candidate and the employer see the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontend.profiles import SkillLine, build_skill
from people.employers.reporting import Report


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`links`: whether each proof leads to its submission, which is its learner's alone to read."""

    report: Report
    skills: Sequence[SkillLine]
    links: bool = False


def build_report(report: Report, links: bool = False) -> ReportPage:
    return ReportPage(report, [build_skill(line, links) for line in report.levels], links)
