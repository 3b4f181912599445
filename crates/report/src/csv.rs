//! `findings.csv` and the owners' CSV: RFC 4180, every cell defused.

use ::csv::{Terminator, WriterBuilder};
use leastgrant_audit::{AuditOutcome, Finding};

use crate::Error;
use crate::text::defused_cell;

/// The columns of `findings.csv`, in order.
pub const COLUMNS: [&str; 13] = [
    "id",
    "rule",
    "severity",
    "confidence",
    "account_id",
    "resource_arn",
    "resource_type",
    "access_key_id",
    "owner",
    "title",
    "detail",
    "evidence",
    "remediation",
];

/// What an owner fills in, after [`COLUMNS`].
pub const OWNER_COLUMNS: [&str; 2] = ["decision", "comment"];

/// All findings.
///
/// # Errors
/// [`Error::Render`] if the CSV writer refuses, which it has no reason to.
pub fn render(outcome: &AuditOutcome) -> Result<String, Error> {
    let rows = outcome
        .findings
        .iter()
        .map(|finding| cells(finding).to_vec());
    write(COLUMNS.to_vec(), rows)
}

/// One owner's findings, with empty columns for the owner's answer.
///
/// # Errors
/// [`Error::Render`] if the CSV writer refuses, which it has no reason to.
pub fn render_owner<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Result<String, Error> {
    let mut header = COLUMNS.to_vec();
    header.extend(OWNER_COLUMNS);
    let rows = findings.into_iter().map(|finding| {
        let mut row = cells(finding).to_vec();
        row.extend(OWNER_COLUMNS.map(|_| String::new()));
        row
    });
    write(header, rows)
}

fn cells(finding: &Finding) -> [String; COLUMNS.len()] {
    let evidence: Vec<String> = finding
        .evidence
        .iter()
        .map(|evidence| format!("{}: {}", evidence.source, evidence.fact))
        .collect();
    [
        finding.id.clone(),
        finding.rule.to_owned(),
        finding.severity.name().to_owned(),
        finding.confidence.name().to_owned(),
        finding.account_id.clone(),
        finding.resource_arn.clone(),
        finding.resource_type.name().to_owned(),
        finding.access_key_id.clone().unwrap_or_default(),
        finding.owner.clone(),
        finding.title.clone(),
        finding.detail.clone(),
        evidence.join("; "),
        finding.remediation.clone(),
    ]
}

pub(crate) fn write(
    header: Vec<&'static str>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<String, Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(header).map_err(Error::render("CSV"))?;
    for row in rows {
        let defused = row.iter().map(|cell| defused_cell(cell).into_owned());
        writer.write_record(defused).map_err(Error::render("CSV"))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| error.into_error())
        .map_err(Error::render("CSV"))?;
    String::from_utf8(bytes).map_err(Error::render("CSV"))
}
