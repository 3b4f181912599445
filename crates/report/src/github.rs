//! GitHub workflow commands: what fails the gate as annotations of the run.
//!
//! GitHub shows ten errors and ten warnings of a step; the worst come first, and the log has all.

use std::fmt::Write;

use leastgrant_audit::{Finding, GateOutcome};

use crate::gate_text::{gap_line, gaps_that_matter, verb, verdict};
use crate::text::{github_message, github_property, in_account, short_resource, terminal_safe};

/// One command a line, the verdict first.
#[must_use]
pub fn render(outcome: &GateOutcome) -> String {
    let mut lines = String::new();
    let verdict_title = format!("gate {}", verb(outcome.result));
    write_command(&mut lines, "notice", &verdict_title, &verdict(outcome));
    for finding in &outcome.findings {
        write_command(&mut lines, "error", &title(finding), &message(finding));
    }
    for item in &outcome.not_checked {
        let title = format!("{} not judged{}", item.rule, in_account(&item.account_id));
        write_command(&mut lines, "warning", &title, &terminal_safe(&item.reason));
    }
    for gap in gaps_that_matter(outcome) {
        write_command(
            &mut lines,
            "warning",
            "gap in the inventory",
            &gap_line(gap),
        );
    }
    lines
}

fn write_command(lines: &mut String, command: &str, title: &str, message: &str) {
    let _ = writeln!(
        lines,
        "::{command} title={}::{}",
        github_property(title),
        github_message(message)
    );
}

fn title(finding: &Finding) -> String {
    format!(
        "{}: {} in {}",
        finding.rule,
        terminal_safe(short_resource(&finding.resource_arn)),
        terminal_safe(&finding.account_id)
    )
}

/// Several lines, which the command's escaping keeps in one.
fn message(finding: &Finding) -> String {
    let mut message = format!(
        "{} ({})",
        terminal_safe(&finding.detail),
        finding.severity.name()
    );
    if let Some(key) = &finding.access_key_id {
        let _ = write!(message, "\nkey: {}", terminal_safe(key));
    }
    let _ = write!(
        message,
        "\nowner: {}\nremedy: {}",
        terminal_safe(&finding.owner),
        terminal_safe(&finding.remediation)
    );
    message
}
