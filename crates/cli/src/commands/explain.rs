//! `explain`: one rule in full.

use clap::Args;
use leastgrant_audit::{RuleMetadata, rules};

use super::audit::rule_ids;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Explain one rule
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The rule's id
    #[arg(value_parser = rule_ids())]
    rule: String,
}

pub(super) fn run(arguments: &ExplainArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    if let Some(rule) = rules::find(&arguments.rule) {
        let width = printer.terminal().width.unwrap_or(100).clamp(40, 100);
        printer.data(&text(&rule.metadata, width))?;
    }
    Ok(Outcome::Done)
}

fn text(rule: &RuleMetadata, width: usize) -> String {
    let mut text = format!("{} ({})\n{}\n", rule.id, rule.severity.name(), rule.summary);
    let sections = [
        ("What it does", rule.what_it_does),
        ("Why it is bad", rule.why_it_is_bad),
        ("Evidence needed", rule.evidence_needed),
        ("Limits", rule.limits),
        ("What to do", rule.remediation),
    ];
    for (title, body) in sections {
        text.push_str(&format!("\n{title}\n{}", wrapped(body, width)));
    }
    text.push_str("\nReferences\n");
    for reference in rule.references {
        text.push_str(&format!("  {reference}\n"));
    }
    text
}

/// Lines of at most `width` columns, indented by two. Our own texts only: ASCII words and blanks.
fn wrapped(body: &str, width: usize) -> String {
    const INDENT: &str = "  ";
    let mut lines = String::new();
    let mut line = String::from(INDENT);
    for word in body.split(' ') {
        if line.len() > INDENT.len() && line.len() + 1 + word.len() > width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            INDENT.clone_into(&mut line);
        }
        if line.len() > INDENT.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}
