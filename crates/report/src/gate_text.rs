//! The gate's verdict on a terminal.

use std::fmt::Write;

use leastgrant_audit::{Finding, GateOutcome, GateResult, Limits};
use leastgrant_inventory::{Gap, counted};

use crate::color::Paint;
use crate::fitted;
use crate::markdown::unknowable_words;
use crate::table::Terminal;
use crate::text::{in_account, short_resource, terminal_safe};

/// The verdict, each failing finding with its owner and remedy, and what was let pass or not judged.
#[must_use]
pub fn render(outcome: &GateOutcome, terminal: Terminal) -> String {
    let color = terminal.color;
    let mut text = String::new();
    write_verdict(&mut text, outcome, color);
    for finding in &outcome.findings {
        text.push('\n');
        write_failing(&mut text, finding, color);
    }
    write_let_pass(&mut text, "exempted", &outcome.exempted, color);
    write_let_pass(&mut text, "in the baseline", &outcome.baselined, color);
    write_not_judged(&mut text, outcome, color);
    fitted(&text, terminal.width).into_owned()
}

/// The verdict in one line without colours, for formats that are lists of annotations.
pub(crate) fn verdict(outcome: &GateOutcome) -> String {
    let mut parts = Vec::new();
    if !outcome.findings.is_empty() {
        parts.push(match outcome.findings.len() {
            1 => "1 finding exceeds a limit".to_owned(),
            number => format!("{number} findings exceed a limit"),
        });
    }
    if !outcome.exempted.is_empty() {
        parts.push(format!("{} exempted", outcome.exempted.len()));
    }
    if !outcome.baselined.is_empty() {
        parts.push(format!("{} in the baseline", outcome.baselined.len()));
    }
    if !outcome.not_checked.is_empty() {
        parts.push(format!(
            "{} not judged",
            counted(outcome.not_checked.len(), "check")
        ));
    }
    if parts.is_empty() {
        parts.push("nothing exceeds a limit".to_owned());
    }
    parts.join(", ")
}

/// The limits that were given, in words.
pub(crate) fn limits_words(limits: &Limits) -> Vec<String> {
    let days = |number: u32| counted(number, "day");
    let mut words = Vec::new();
    if let Some(number) = limits.max_key_age_days {
        words.push(format!("access keys at most {} old", days(number)));
    }
    if let Some(number) = limits.max_unused_days {
        words.push(format!("nothing unused for more than {}", days(number)));
    }
    if let Some(severity) = limits.fail_on {
        words.push(format!(
            "no finding of severity {} or worse",
            severity.name()
        ));
    }
    if let Some(number) = limits.max_inventory_age_days {
        words.push(format!("an inventory at most {} old", days(number)));
    }
    words
}

/// The gaps that hide something.
pub(crate) fn gaps_that_matter(outcome: &GateOutcome) -> impl Iterator<Item = &Gap> {
    outcome.gaps.iter().filter(|gap| !gap.unknowable.is_empty())
}

fn write_verdict(text: &mut String, outcome: &GateOutcome, color: bool) {
    let paint = match outcome.result {
        GateResult::Pass => Paint::Good,
        GateResult::Fail => Paint::Bad,
        GateResult::Incomplete => Paint::Warning,
    };
    let _ = writeln!(
        text,
        "{}: {}",
        paint.on(&format!("gate {}", verb(outcome.result)), color),
        verdict(outcome)
    );
    let _ = writeln!(
        text,
        "{} {}\n{}  {}",
        Paint::Dim.on("limits:", color),
        limits_words(&outcome.limits).join("; "),
        Paint::Dim.on("as of:", color),
        outcome.as_of
    );
}

pub(crate) fn verb(result: GateResult) -> &'static str {
    match result {
        GateResult::Pass => "passes",
        GateResult::Fail => "fails",
        GateResult::Incomplete => "is incomplete",
    }
}

fn write_failing(text: &mut String, finding: &Finding, color: bool) {
    let severity = Paint::Severity(finding.severity).on(finding.severity.name(), color);
    let place = format!(
        "{} in {}",
        terminal_safe(short_resource(&finding.resource_arn)),
        terminal_safe(&finding.account_id)
    );
    let _ = writeln!(
        text,
        "{severity} {}: {}",
        finding.rule,
        Paint::Bold.on(&place, color)
    );
    let key = finding.access_key_id.as_deref().unwrap_or_default();
    for (name, value) in [
        ("found", finding.detail.as_str()),
        ("arn", finding.resource_arn.as_str()),
        ("key", key),
        ("owner", finding.owner.as_str()),
        ("remedy", finding.remediation.as_str()),
    ] {
        if !value.is_empty() {
            let _ = writeln!(
                text,
                "  {} {}",
                Paint::Dim.on(&format!("{name:<7}"), color),
                terminal_safe(value)
            );
        }
    }
}

fn write_let_pass(text: &mut String, why: &str, findings: &[Finding], color: bool) {
    if findings.is_empty() {
        return;
    }
    let heading = format!("{} {why}:", counted(findings.len(), "finding"));
    let _ = writeln!(text, "\n{}", Paint::Bold.on(&heading, color));
    for finding in findings {
        let _ = write!(
            text,
            "  {}: {} in {}",
            finding.rule,
            terminal_safe(short_resource(&finding.resource_arn)),
            terminal_safe(&finding.account_id)
        );
        if let Some(key) = &finding.access_key_id {
            let _ = write!(text, ", key {}", terminal_safe(key));
        }
        if let Some(exemption) = &finding.exemption {
            let _ = write!(
                text,
                "; until {} by {}: {}",
                terminal_safe(&exemption.expires),
                terminal_safe(&exemption.owner),
                terminal_safe(&exemption.reason)
            );
        }
        text.push('\n');
    }
}

fn write_not_judged(text: &mut String, outcome: &GateOutcome, color: bool) {
    if !outcome.not_checked.is_empty() {
        let _ = writeln!(text, "\n{}", Paint::Bold.on("not judged:", color));
    }
    for item in &outcome.not_checked {
        let _ = writeln!(
            text,
            "  {}{}: {}",
            item.rule,
            in_account(&item.account_id),
            terminal_safe(&item.reason)
        );
    }
    if gaps_that_matter(outcome).next().is_some() {
        let _ = writeln!(
            text,
            "\n{}",
            Paint::Bold.on("gaps in the inventory:", color)
        );
    }
    for gap in gaps_that_matter(outcome) {
        let _ = writeln!(text, "  {}", gap_line(gap));
    }
}

/// A gap in one line: where, what happened, what it hides.
pub(crate) fn gap_line(gap: &Gap) -> String {
    let mut line = String::new();
    if let Some(account) = &gap.account_id {
        let _ = write!(line, "{}: ", terminal_safe(account));
    }
    let _ = write!(
        line,
        "{}: {}",
        terminal_safe(&gap.source),
        terminal_safe(&gap.reason)
    );
    if let Some(error_code) = &gap.error_code {
        let _ = write!(line, " ({})", terminal_safe(error_code));
    }
    let _ = write!(
        line,
        "; cannot be known: {}",
        unknowable_words(&gap.unknowable)
    );
    line
}
