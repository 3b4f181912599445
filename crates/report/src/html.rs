//! One self-contained page: no file beside it, no script from elsewhere, readable without script.

use askama::Template;
use leastgrant_audit::{AuditOutcome, Finding, NotChecked};
use leastgrant_inventory::Gap;

use crate::Error;
use crate::chart::Chart;
use crate::counts::{SeverityCounts, open, tally, worst_first};
use crate::markdown::{first, unknowable_words};
use crate::text::{Span, short_resource, spans, terminal_safe};

const STYLE: &str = include_str!("../../../reports/templates/stock-take.css");
const SCRIPT: &str = include_str!("../../../reports/templates/stock-take.js");
/// The page's policy allows this style and this script and nothing else, so that a name which got
/// past the escaping could still do nothing. A test says what the hashes have to be.
const STYLE_HASH: &str = "sha256-YY8BpMDXVHwOe4sXWk3o28RxnZQUUUaL/ERdsoU15Bw=";
const SCRIPT_HASH: &str = "sha256-qzXDVAQz0JpLIA33XwCFSdTLYyAqm858Dg3UFXKCIpw=";
/// A browser becomes slow beyond it; the page says what it leaves out.
const MOST_ROWS: usize = 5_000;

/// The page.
///
/// # Errors
/// [`Error::Render`] if the template refuses, which it has no reason to.
pub fn render(outcome: &AuditOutcome) -> Result<String, Error> {
    let counts = SeverityCounts::of(open(&outcome.findings));
    let page = Page {
        style: STYLE,
        style_hash: STYLE_HASH,
        script: SCRIPT,
        script_hash: SCRIPT_HASH,
        as_of: outcome.as_of.to_string(),
        accounts: outcome.accounts.iter().map(|id| safe(id)).collect(),
        open: counts.total(),
        exempted: outcome.findings.len() - counts.total(),
        severities: worst_first()
            .map(|severity| (severity.name(), counts.get(severity)))
            .collect(),
        by_rule: Chart::new(&tally(open(&outcome.findings), |finding| finding.rule)),
        by_owner: Chart::new(&tally(open(&outcome.findings), |finding| &finding.owner)),
        several_accounts: outcome.accounts.len() > 1,
        first: first(outcome)
            .into_iter()
            .map(|(ranked, finding)| FirstRow {
                rule: finding.rule,
                severity: finding.severity.name(),
                account: safe(&finding.account_id),
                resource: safe(short_resource(&finding.resource_arn)),
                access_key: safe(finding.access_key_id.as_deref().unwrap_or_default()),
                owner: safe(&finding.owner),
                score: ranked.score,
                because: words(&ranked.because.join("; ")),
            })
            .collect(),
        findings: outcome.findings.iter().take(MOST_ROWS).map(row).collect(),
        left_out: outcome.findings.len().saturating_sub(MOST_ROWS),
        not_checked: outcome.not_checked.iter().map(not_checked_row).collect(),
        notes: outcome.notes.iter().map(|note| words(note)).collect(),
        gaps: outcome.gaps.iter().map(gap_row).collect(),
    };
    page.render().map_err(Error::render("HTML"))
}

#[derive(Template)]
#[template(path = "stock-take.html")]
struct Page {
    style: &'static str,
    style_hash: &'static str,
    script: &'static str,
    script_hash: &'static str,
    as_of: String,
    accounts: Vec<String>,
    open: usize,
    exempted: usize,
    severities: Vec<(&'static str, usize)>,
    by_rule: Chart,
    by_owner: Chart,
    several_accounts: bool,
    first: Vec<FirstRow>,
    findings: Vec<FindingRow>,
    left_out: usize,
    not_checked: Vec<NotCheckedRow>,
    notes: Vec<Words>,
    gaps: Vec<GapRow>,
}

/// A finding whose texts hold nothing invisible; the template escapes them for HTML.
struct FindingRow {
    id: String,
    rule: &'static str,
    severity: &'static str,
    confidence: &'static str,
    account: String,
    resource: String,
    arn: String,
    access_key: String,
    owner: String,
    title: Words,
    detail: Words,
    evidence: Vec<(Words, Words)>,
    remediation: Words,
    exemption: Option<ExemptionRow>,
}

/// A finding to begin with.
struct FirstRow {
    rule: &'static str,
    severity: &'static str,
    account: String,
    resource: String,
    access_key: String,
    owner: String,
    score: u32,
    because: Words,
}

struct ExemptionRow {
    owner: String,
    reason: Words,
    expires: String,
}

struct NotCheckedRow {
    rule: &'static str,
    account: String,
    reason: Words,
}

struct GapRow {
    account: String,
    source: String,
    reason: Words,
    error_code: String,
    unknowable: String,
}

/// Bidirectional overrides and the like deceive in a browser as well as on a terminal.
fn safe(text: &str) -> String {
    terminal_safe(text).into_owned()
}

/// A message in pieces; those that stood between backticks are marked.
type Words = Vec<(bool, String)>;

fn words(text: &str) -> Words {
    spans(&terminal_safe(text))
        .into_iter()
        .map(|span| match span {
            Span::Plain(words) => (false, words.to_owned()),
            Span::Code(name) => (true, name.to_owned()),
        })
        .collect()
}

fn row(finding: &Finding) -> FindingRow {
    FindingRow {
        id: safe(&finding.id),
        rule: finding.rule,
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        account: safe(&finding.account_id),
        resource: safe(short_resource(&finding.resource_arn)),
        arn: safe(&finding.resource_arn),
        access_key: safe(finding.access_key_id.as_deref().unwrap_or_default()),
        owner: safe(&finding.owner),
        title: words(&finding.title),
        detail: words(&finding.detail),
        evidence: finding
            .evidence
            .iter()
            .map(|evidence| (words(&evidence.source), words(&evidence.fact)))
            .collect(),
        remediation: words(&finding.remediation),
        exemption: finding.exemption.as_ref().map(|exemption| ExemptionRow {
            owner: safe(&exemption.owner),
            reason: words(&exemption.reason),
            expires: safe(&exemption.expires),
        }),
    }
}

fn not_checked_row(item: &NotChecked) -> NotCheckedRow {
    NotCheckedRow {
        rule: item.rule,
        account: safe(&item.account_id),
        reason: words(&item.reason),
    }
}

fn gap_row(gap: &Gap) -> GapRow {
    GapRow {
        account: safe(gap.account_id.as_deref().unwrap_or_default()),
        source: safe(&gap.source),
        reason: words(&gap.reason),
        error_code: safe(gap.error_code.as_deref().unwrap_or_default()),
        unknowable: unknowable_words(&gap.unknowable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_policy_allows_exactly_the_style_and_the_script() {
        let hash = |text: &str| format!("sha256-{}", STANDARD.encode(Sha256::digest(text)));
        assert_eq!(
            (STYLE_HASH, SCRIPT_HASH),
            (hash(STYLE).as_str(), hash(SCRIPT).as_str()),
            "left: the constants above; right: what they have to be"
        );
    }
}
