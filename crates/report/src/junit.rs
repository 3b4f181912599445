//! The gate as JUnit XML: a suite for each account and rule, a case for each finding.

use std::collections::BTreeMap;

use leastgrant_audit::{Finding, GateOutcome, NotChecked};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::Error;
use crate::gate_text::{limits_words, verdict};
use crate::text::{short_resource, terminal_safe};

/// Failing findings are failures, exempted and baselined ones are skipped, what could not be judged
/// is an error. If there is nothing of these, one case passes, as CI systems take no case for a fault.
///
/// # Errors
/// [`Error::Render`] if the XML writer refuses, which it has no reason to.
pub fn render(outcome: &GateOutcome) -> Result<String, Error> {
    let mut cases: BTreeMap<(&str, &str), Vec<TestCase>> = BTreeMap::new();
    let groups = [&outcome.findings, &outcome.exempted, &outcome.baselined];
    for (group, findings) in [Group::Failing, Group::Exempted, Group::Baselined]
        .into_iter()
        .zip(groups)
    {
        for finding in findings {
            cases
                .entry((&finding.account_id, finding.rule))
                .or_default()
                .push(finding_case(finding, group));
        }
    }
    for item in &outcome.not_checked {
        cases
            .entry((&item.account_id, item.rule))
            .or_default()
            .push(not_checked_case(item));
    }
    let mut report = Report::new("leastgrant gate");
    for ((account_id, rule), cases) in cases {
        let mut suite =
            TestSuite::new(format!("{} {rule}", terminal_safe(account_id)).trim_start());
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    if report.test_suites.is_empty() {
        let mut suite = TestSuite::new("gate");
        let mut case = TestCase::new(
            limits_words(&outcome.limits).join("; "),
            TestCaseStatus::success(),
        );
        case.set_classname("gate").set_system_out(verdict(outcome));
        suite.add_test_case(case);
        report.add_test_suite(suite);
    }
    report.to_string().map_err(Error::render("JUnit XML"))
}

#[derive(Debug, Clone, Copy)]
enum Group {
    Failing,
    Exempted,
    Baselined,
}

fn finding_case(finding: &Finding, group: Group) -> TestCase {
    let mut status = match group {
        Group::Failing => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Group::Exempted | Group::Baselined => TestCaseStatus::skipped(),
    };
    let message = match (group, &finding.exemption) {
        (Group::Failing, _) => terminal_safe(&finding.detail).into_owned(),
        (Group::Exempted, Some(exemption)) => format!(
            "exempted until {} by {}: {}",
            terminal_safe(&exemption.expires),
            terminal_safe(&exemption.owner),
            terminal_safe(&exemption.reason)
        ),
        (Group::Exempted, None) => "exempted".to_owned(),
        (Group::Baselined, _) => "in the baseline".to_owned(),
    };
    status
        .set_message(message)
        .set_type(finding.severity.name())
        .set_description(description(finding));
    let mut name = terminal_safe(short_resource(&finding.resource_arn)).into_owned();
    if let Some(key) = &finding.access_key_id {
        name.push(' ');
        name.push_str(&terminal_safe(key));
    }
    // Two findings may be about the same resource, and a case's name has to tell them apart.
    name.push_str(&format!(" [{}]", terminal_safe(&finding.id)));
    let mut case = TestCase::new(name, status);
    case.set_classname(finding.rule);
    case
}

fn not_checked_case(item: &NotChecked) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_message(terminal_safe(&item.reason))
        .set_type("not checked");
    let mut case = TestCase::new("could not be judged", status);
    case.set_classname(item.rule);
    case
}

fn description(finding: &Finding) -> String {
    let mut lines = vec![
        terminal_safe(&finding.title).into_owned(),
        terminal_safe(&finding.detail).into_owned(),
        format!("resource: {}", terminal_safe(&finding.resource_arn)),
        format!("owner: {}", terminal_safe(&finding.owner)),
    ];
    for evidence in &finding.evidence {
        lines.push(format!(
            "evidence: {}: {}",
            terminal_safe(&evidence.source),
            terminal_safe(&evidence.fact)
        ));
    }
    lines.push(format!("remedy: {}", terminal_safe(&finding.remediation)));
    lines.join("\n")
}
