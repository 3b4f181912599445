//! `report.md`: the whole stock-take on one page of GitHub Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use leastgrant_audit::{AuditOutcome, Finding, Ranked, Severity};
use leastgrant_inventory::{DataKind, Gap, counted};

use crate::counts::{SeverityCounts, Tally, open, tally, worst_first};
use crate::markdown_text::{code, prose, table_header, table_row};
use crate::permission_use::{PermissionUse, section};
use crate::text::short_resource;

/// The report. `owner_files` maps an owner to the file name of its list in `owners/`, without
/// extension; owners that it lacks are not linked. `permission_use` is none where there are no logs.
#[must_use]
pub fn render(
    outcome: &AuditOutcome,
    permission_use: Option<&PermissionUse>,
    owner_files: &BTreeMap<&str, String>,
) -> String {
    let mut page = String::from("# IAM stock-take\n\n");
    write_head(&mut page, outcome);
    write_summary(&mut page, outcome, owner_files);
    write_first(&mut page, outcome);
    write_findings(&mut page, outcome);
    page.push_str(&section(permission_use));
    write_not_checked(&mut page, outcome);
    write_gaps(&mut page, &outcome.gaps);
    page
}

fn write_head(page: &mut String, outcome: &AuditOutcome) {
    let counts = SeverityCounts::of(open(&outcome.findings));
    let exempted = outcome.findings.len() - counts.total();
    let accounts: Vec<String> = outcome.accounts.iter().map(|id| code(id)).collect();
    let words = match counts.words() {
        words if words.is_empty() => String::new(),
        words => format!(" ({words})"),
    };
    let _ = write!(
        page,
        "- **As of:** {}\n- **{}:** {}\n- **Findings:** {} open{words}, {exempted} exempted\n\
         - **Not judged:** {} ([see below](#not-checked)), {} in the inventory ([see below](#gaps))\n\n",
        outcome.as_of,
        if accounts.len() == 1 {
            "Account"
        } else {
            "Accounts"
        },
        accounts.join(", "),
        counts.total(),
        counted(outcome.not_checked.len(), "check"),
        counted(outcome.gaps.len(), "gap"),
    );
}

fn write_summary(page: &mut String, outcome: &AuditOutcome, owner_files: &BTreeMap<&str, String>) {
    let counts = SeverityCounts::of(open(&outcome.findings));
    page.push_str("## Summary\n\n");
    if counts.total() == 0 {
        page.push_str("No open findings.\n\n");
        return;
    }
    page.push_str("Exempted findings are not counted here.\n\n");
    page.push_str(&table_header(&["Severity", "Findings"]));
    for severity in worst_first() {
        page.push_str(&table_row(&[
            severity.name().to_owned(),
            counts.get(severity).to_string(),
        ]));
    }
    page.push('\n');
    write_tallies(
        page,
        "Rule",
        &tally(open(&outcome.findings), |finding| finding.rule),
        code,
    );
    let owners = tally(open(&outcome.findings), |finding| &finding.owner);
    write_tallies(page, "Owner", &owners, |owner| {
        owner_files.get(owner).map_or_else(
            || code(owner),
            |file| format!("[{}](owners/{}.md)", code(owner), file.replace('%', "%25")),
        )
    });
}

fn write_tallies(
    page: &mut String,
    name: &'static str,
    tallies: &[Tally<'_>],
    cell_of: impl Fn(&str) -> String,
) {
    let mut header = vec![name];
    header.extend(worst_first().map(Severity::name));
    header.push("all");
    page.push_str(&table_header(&header));
    for tally in tallies {
        let mut cells = vec![cell_of(tally.name)];
        cells.extend(
            worst_first().map(|severity| match tally.counts.get(severity) {
                0 => String::new(),
                number => number.to_string(),
            }),
        );
        cells.push(tally.counts.total().to_string());
        page.push_str(&table_row(&cells));
    }
    page.push('\n');
}

/// How many findings stand in the section of what to do first; `findings.json` has the whole order.
pub(crate) const FIRST: usize = 10;

/// The findings that matter the most, with the reasons for their place.
fn write_first(page: &mut String, outcome: &AuditOutcome) {
    let first = first(outcome);
    if first.is_empty() {
        return;
    }
    page.push_str("## What to do first\n\n");
    let _ = writeln!(
        page,
        "By severity, time without use, what the principal can do, and how exposed it is: each multiplies the score. `ranking` in `findings.json` has all {}.\n",
        outcome.ranking.len()
    );
    let several_accounts = outcome.accounts.len() > 1;
    let mut header = vec!["#", "Finding"];
    if several_accounts {
        header.push("Account");
    }
    header.extend(["Resource", "Owner", "Score", "Because"]);
    page.push_str(&table_header(&header));
    for (place, (ranked, finding)) in first.into_iter().enumerate() {
        let mut cells = vec![(place + 1).to_string(), code(finding.rule)];
        if several_accounts {
            cells.push(code(&finding.account_id));
        }
        let key = finding
            .access_key_id
            .as_deref()
            .map(|key| format!(" {}", code(key)));
        cells.extend([
            format!(
                "{}{}",
                code(short_resource(&finding.resource_arn)),
                key.unwrap_or_default()
            ),
            code(&finding.owner),
            ranked.score.to_string(),
            prose(&ranked.because.join("; ")),
        ]);
        page.push_str(&table_row(&cells));
    }
    page.push('\n');
}

/// The findings to begin with, each with its place.
pub(crate) fn first(outcome: &AuditOutcome) -> Vec<(&Ranked, &Finding)> {
    let ranking = outcome.ranking.iter().take(FIRST);
    ranking
        .filter_map(|ranked| Some((ranked, outcome.findings.get(ranked.index)?)))
        .collect()
}

fn write_findings(page: &mut String, outcome: &AuditOutcome) {
    page.push_str("## Findings\n\n");
    if outcome.findings.is_empty() {
        page.push_str("None.\n\n");
    }
    let several_accounts = outcome.accounts.len() > 1;
    for severity in worst_first() {
        let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &outcome.findings {
            if finding.severity == severity {
                by_rule.entry(finding.rule).or_default().push(finding);
            }
        }
        if by_rule.is_empty() {
            continue;
        }
        let _ = writeln!(page, "### Severity {}\n", severity.name());
        for (rule, findings) in by_rule {
            let _ = writeln!(page, "#### {} ({})\n", code(rule), findings.len());
            write_rule_table(page, &findings, several_accounts);
        }
    }
}

/// One rule's findings. What would be empty or the same in every row is no column.
fn write_rule_table(page: &mut String, findings: &[&Finding], several_accounts: bool) {
    let remedies: BTreeSet<&str> = findings
        .iter()
        .map(|finding| finding.remediation.as_str())
        .collect();
    let shared_remedy = remedies.first().filter(|_| remedies.len() == 1);
    if let Some(remedy) = shared_remedy {
        let _ = writeln!(page, "**What to do:** {}\n", prose(remedy));
    }
    let any_key = findings
        .iter()
        .any(|finding| finding.access_key_id.is_some());
    let mut header = Vec::new();
    if several_accounts {
        header.push("Account");
    }
    header.push("Resource");
    if any_key {
        header.push("Access key");
    }
    header.extend(["Owner", "What was found", "Evidence"]);
    if shared_remedy.is_none() {
        header.push("What to do");
    }
    page.push_str(&table_header(&header));
    for finding in findings {
        let mut cells = Vec::new();
        if several_accounts {
            cells.push(code(&finding.account_id));
        }
        cells.push(code(short_resource(&finding.resource_arn)));
        if any_key {
            cells.push(code(finding.access_key_id.as_deref().unwrap_or_default()));
        }
        cells.push(code(&finding.owner));
        cells.push(what_was_found(finding));
        cells.push(evidence(finding).join("<br>"));
        if shared_remedy.is_none() {
            cells.push(prose(&finding.remediation));
        }
        page.push_str(&table_row(&cells));
    }
    page.push('\n');
}

fn what_was_found(finding: &Finding) -> String {
    let mut found = prose(&finding.detail);
    if let Some(exemption) = &finding.exemption {
        let _ = write!(
            found,
            "<br>**Exempted** until {} by {}: {}",
            prose(&exemption.expires),
            code(&exemption.owner),
            prose(&exemption.reason)
        );
    }
    found
}

/// The facts with their sources, each a piece of Markdown.
pub(crate) fn evidence(finding: &Finding) -> Vec<String> {
    finding
        .evidence
        .iter()
        .map(|evidence| format!("{}: {}", prose(&evidence.source), prose(&evidence.fact)))
        .collect()
}

fn write_not_checked(page: &mut String, outcome: &AuditOutcome) {
    page.push_str("## Not checked\n\n");
    if outcome.not_checked.is_empty() {
        page.push_str("Every rule could be judged in every account.\n\n");
    } else {
        page.push_str(
            "These rules could not be judged, wholly or in part. No finding here is no good news.\n\n",
        );
        page.push_str(&table_header(&["Rule", "Account", "Why"]));
        for item in &outcome.not_checked {
            page.push_str(&table_row(&[
                code(item.rule),
                code(&item.account_id),
                prose(&item.reason),
            ]));
        }
        page.push('\n');
    }
    if !outcome.notes.is_empty() {
        page.push_str("What the inventory does not have, and no finding takes into account:\n\n");
        for note in &outcome.notes {
            let _ = writeln!(page, "- {}", prose(note));
        }
        page.push('\n');
    }
}

fn write_gaps(page: &mut String, gaps: &[Gap]) {
    page.push_str("## Gaps\n\n");
    if gaps.is_empty() {
        page.push_str("Everything that was there could be read.\n");
        return;
    }
    page.push_str(
        "Calls and files that failed or were skipped while the inventory was collected.\n\n",
    );
    page.push_str(&table_header(&[
        "Account",
        "Source",
        "What happened",
        "What cannot be known",
    ]));
    for gap in gaps {
        let mut happened = prose(&gap.reason);
        if let Some(error_code) = &gap.error_code {
            let _ = write!(happened, " ({})", code(error_code));
        }
        page.push_str(&table_row(&[
            code(gap.account_id.as_deref().unwrap_or_default()),
            code(&gap.source),
            happened,
            unknowable_words(&gap.unknowable),
        ]));
    }
}

/// What a gap hides, in words.
pub(crate) fn unknowable_words(kinds: &[DataKind]) -> String {
    if kinds.is_empty() {
        return "nothing that leastgrant uses".to_owned();
    }
    let words: Vec<&str> = kinds.iter().map(|kind| kind.words()).collect();
    words.join(", ")
}
