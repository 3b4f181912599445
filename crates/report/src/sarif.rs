//! SARIF 2.1.0, as GitHub code scanning and other viewers read it.

use std::collections::BTreeMap;
use std::fmt::Write;

use leastgrant_audit::{AuditOutcome, Finding, GateOutcome, NotChecked, RuleMetadata, Severity};
use leastgrant_inventory::Gap;

use crate::Error;
use crate::gate_text::gap_line;
use crate::markdown_text::prose;
use crate::sarif_model::{
    ArtifactLocation, AutomationDetails, Configuration, Driver, Help, Invocation, Location, Log,
    LogicalLocation, Message, Notification, PhysicalLocation, Region, ResultProperties, Rule,
    RuleProperties, Run, SarifResult, Suppression, Tool,
};
use crate::text::{json_safe, short_resource, terminal_safe};

const SCHEMA_URI: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// An audit. `artifact_uri` is the file that the results are shown at, as a URI.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn audit(
    outcome: &AuditOutcome,
    rules: &[&RuleMetadata],
    artifact_uri: &str,
) -> Result<String, Error> {
    let results = outcome
        .findings
        .iter()
        .map(|finding| (finding, exempted(finding)))
        .collect();
    let content = Content {
        automation_id: "leastgrant/audit/",
        results,
        not_checked: &outcome.not_checked,
        notes: &outcome.notes,
        gaps: &outcome.gaps,
    };
    written(&content, rules, artifact_uri)
}

/// A gate: what fails it, and as suppressed results what is exempted or in the baseline.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn gate(
    outcome: &GateOutcome,
    rules: &[&RuleMetadata],
    artifact_uri: &str,
) -> Result<String, Error> {
    let failing = outcome.findings.iter().map(|finding| (finding, None));
    let exempted = outcome.exempted.iter().map(|finding| {
        let why = exempted(finding).unwrap_or_else(|| "exempted".to_owned());
        (finding, Some(why))
    });
    let baselined = outcome
        .baselined
        .iter()
        .map(|finding| (finding, Some("in the baseline".to_owned())));
    let content = Content {
        automation_id: "leastgrant/gate/",
        results: failing.chain(exempted).chain(baselined).collect(),
        not_checked: &outcome.not_checked,
        notes: &[],
        gaps: &outcome.gaps,
    };
    written(&content, rules, artifact_uri)
}

/// What an audit and a gate have in common.
struct Content<'a> {
    automation_id: &'static str,
    /// Each with the reason for which it is suppressed.
    results: Vec<(&'a Finding, Option<String>)>,
    not_checked: &'a [NotChecked],
    notes: &'a [String],
    gaps: &'a [Gap],
}

fn exempted(finding: &Finding) -> Option<String> {
    let exemption = finding.exemption.as_ref()?;
    Some(format!(
        "exempted until {} by {}: {}",
        terminal_safe(&exemption.expires),
        terminal_safe(&exemption.owner),
        terminal_safe(&exemption.reason)
    ))
}

fn written(
    content: &Content<'_>,
    metadata: &[&RuleMetadata],
    artifact_uri: &str,
) -> Result<String, Error> {
    let mut rules: Vec<Rule<'_>> = metadata.iter().map(|metadata| rule(metadata)).collect();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for (position, rule) in rules.iter().enumerate() {
        positions.entry(rule.id).or_insert(position);
    }
    // A finding of a rule that the caller does not describe still needs an entry to point at.
    for (finding, _) in &content.results {
        positions.entry(finding.rule).or_insert_with(|| {
            rules.push(undescribed_rule(finding));
            rules.len() - 1
        });
    }
    let results = content
        .results
        .iter()
        .map(|(finding, suppressed)| {
            let rule_index = positions.get(finding.rule).copied().unwrap_or_default();
            result(finding, suppressed.as_deref(), rule_index, artifact_uri)
        })
        .collect();
    let log = Log {
        schema: SCHEMA_URI,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "leastgrant",
                    version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules,
                },
            },
            automation_details: AutomationDetails {
                id: content.automation_id,
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: notifications(content),
            }],
            results,
        }],
    };
    let mut text = serde_json::to_string_pretty(&log).map_err(Error::render("SARIF"))?;
    text.push('\n');
    Ok(json_safe(text))
}

fn rule<'a>(metadata: &'a RuleMetadata) -> Rule<'a> {
    Rule {
        id: metadata.id,
        short_description: Some(message(metadata.summary)),
        full_description: Some(message(metadata.what_it_does)),
        help: Some(help(metadata)),
        help_uri: metadata
            .references
            .iter()
            .copied()
            .find(|reference| is_link(reference)),
        default_configuration: Configuration {
            level: level(metadata.severity),
        },
        properties: rule_properties(metadata.severity),
    }
}

fn undescribed_rule(finding: &Finding) -> Rule<'static> {
    Rule {
        id: finding.rule,
        short_description: None,
        full_description: None,
        help: None,
        help_uri: None,
        default_configuration: Configuration {
            level: level(finding.severity),
        },
        properties: rule_properties(finding.severity),
    }
}

fn help(metadata: &RuleMetadata) -> Help {
    let mut text = String::new();
    let mut markdown = String::new();
    for (heading, body) in [
        ("What it does", metadata.what_it_does),
        ("Why it is bad", metadata.why_it_is_bad),
        ("What it cannot see", metadata.limits),
        ("What to do", metadata.remediation),
    ] {
        let _ = write!(text, "{heading}: {body}\n\n");
        // The registry's own words, which may be Markdown.
        let _ = write!(markdown, "## {heading}\n\n{body}\n\n");
    }
    for reference in metadata.references {
        let _ = writeln!(text, "{reference}");
        let item = if is_link(reference) {
            format!("<{reference}>")
        } else {
            prose(reference)
        };
        let _ = writeln!(markdown, "- {item}");
    }
    Help {
        text: escaped_message(text.trim_end()),
        markdown: markdown.trim_end().to_owned(),
    }
}

fn is_link(reference: &str) -> bool {
    reference.starts_with("https://") && !reference.contains([' ', '<', '>'])
}

fn result<'a>(
    finding: &'a Finding,
    suppressed: Option<&str>,
    rule_index: usize,
    artifact_uri: &'a str,
) -> SarifResult<'a> {
    SarifResult {
        rule_id: finding.rule,
        rule_index,
        level: level(finding.severity),
        message: message(&result_text(finding)),
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: artifact_uri },
                region: Region { start_line: 1 },
            },
            logical_locations: [LogicalLocation {
                name: terminal_safe(short_resource(&finding.resource_arn)),
                fully_qualified_name: &finding.resource_arn,
                kind: "resource",
            }],
        }],
        // The second is the only one that GitHub compares; without it, all results of one rule at
        // one line would be the same alert.
        partial_fingerprints: BTreeMap::from([
            ("leastgrantFindingId/v1", finding.id.clone()),
            ("primaryLocationLineHash", format!("{}:1", finding.id)),
        ]),
        suppressions: suppressed
            .map(|justification| Suppression {
                kind: "external",
                status: "accepted",
                justification: justification.to_owned(),
            })
            .into_iter()
            .collect(),
        properties: ResultProperties {
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            account_id: &finding.account_id,
            access_key_id: finding.access_key_id.as_deref(),
            owner: &finding.owner,
        },
    }
}

fn result_text(finding: &Finding) -> String {
    let mut text = format!(
        "{}: {} in {}",
        finding.title,
        short_resource(&finding.resource_arn),
        finding.account_id
    );
    if let Some(key) = &finding.access_key_id {
        let _ = write!(text, ", access key {key}");
    }
    let _ = write!(
        text,
        ". {}. Owner: {}. To do: {}",
        finding.detail.trim_end_matches('.'),
        finding.owner,
        finding.remediation
    );
    text
}

fn notifications(content: &Content<'_>) -> Vec<Notification> {
    let rules = content.not_checked.iter().map(|item| Notification {
        level: "warning",
        message: message(&format!(
            "{} could not be judged in {}: {}",
            item.rule, item.account_id, item.reason
        )),
    });
    let notes = content.notes.iter().map(|note| Notification {
        level: "note",
        message: message(note),
    });
    let gaps = content.gaps.iter().map(|gap| Notification {
        level: if gap.unknowable.is_empty() {
            "note"
        } else {
            "warning"
        },
        message: message(&gap_line(gap)),
    });
    rules.chain(notes).chain(gaps).collect()
}

fn message(text: &str) -> Message {
    Message {
        text: escaped_message(&terminal_safe(text)),
    }
}

/// A message string as the standard wants it: braces are doubled (they hold placeholders), and
/// what would be an embedded link is not.
fn escaped_message(text: &str) -> String {
    let text = text.replace('{', "{{").replace('}', "}}");
    if text.contains("](") {
        text.replace('[', "\\[").replace(']', "\\]")
    } else {
        text
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub: above 9.0 is critical, from 7.0 high, from 4.0 medium, below low.
fn rule_properties(severity: Severity) -> RuleProperties {
    RuleProperties {
        security_severity: match severity {
            Severity::Critical => "9.5",
            Severity::High => "8.0",
            Severity::Medium => "5.5",
            Severity::Low => "2.0",
        },
        tags: ["security", "iam"],
    }
}
