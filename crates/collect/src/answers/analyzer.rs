//! Findings of IAM Access Analyzer.

use leastgrant_inventory::tables::AnalyzerFindingRow;
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Problems, Reader};
use crate::answer::Answer;
use crate::facts::Piece;
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "access-analyzer:ListFindingsV2",
        DataKind::AccessAnalyzer,
        "findings",
        findings,
    ),
    Reader::new(
        "access-analyzer:ListFindings",
        DataKind::AccessAnalyzer,
        "",
        findings,
    ),
    // That an analyzer exists is known by its findings; without any, there is nothing to keep.
    Reader::new(
        "access-analyzer:ListAnalyzers",
        DataKind::AccessAnalyzer,
        "analyzers",
        |_, _, _| {},
    ),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnalyzerFinding {
    id: String,
    finding_type: Option<String>,
    resource: Option<String>,
    resource_type: Option<String>,
    resource_owner_account: Option<String>,
    status: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    updated_at: Option<Timestamp>,
}

fn findings(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let raw: Vec<&RawValue> = elements::list(answer, "findings", problems);
    for (index, raw) in raw.into_iter().enumerate() {
        let Some(finding) =
            elements::read::<AnalyzerFinding>(raw, &format!("/findings/{index}"), problems)
        else {
            continue;
        };
        piece.facts.rows.analyzer_findings.push(AnalyzerFindingRow {
            account_id: finding.resource_owner_account.unwrap_or_default(),
            finding_id: finding.id,
            finding_type: finding.finding_type,
            resource_arn: finding.resource,
            resource_type: finding.resource_type,
            status: finding.status,
            created_at: finding.created_at,
            updated_at: finding.updated_at,
            finding: raw.get().to_owned(),
        });
    }
}
