//! The CSV files parse back to the cells that were written.

use leastgrant_audit::{Evidence, Finding};
use leastgrant_report::csv::{COLUMNS, OWNER_COLUMNS, render, render_owner};
use leastgrant_report::text::defused_cell;
use proptest::prelude::*;

use crate::outcomes::{PAYLOADS, hostile, plain};

/// Header and rows, parsed by the reader that knows nothing of defusing.
pub(crate) fn parsed(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let strings = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let header = strings(reader.headers().unwrap());
    let rows = reader
        .records()
        .map(|record| strings(&record.unwrap()))
        .collect();
    (header, rows)
}

#[test]
fn the_owners_list_has_room_for_an_answer() {
    let outcome = plain();
    let (header, rows) = parsed(&render_owner(&outcome.findings).unwrap());
    let expected: Vec<&str> = COLUMNS.into_iter().chain(OWNER_COLUMNS).collect();
    assert_eq!(header, expected);
    assert_eq!(rows.len(), outcome.findings.len());
    assert!(
        rows.iter()
            .all(|row| row.ends_with(&[String::new(), String::new()]))
    );
}

#[test]
fn no_cell_begins_a_formula() {
    let (_, rows) = parsed(&render(&hostile()).unwrap());
    assert_eq!(rows.len(), PAYLOADS.len());
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
            "{cell:?}"
        );
    }
    assert_eq!(rows[0][8], "'=cmd|' /C calc'!A0");
}

proptest! {
    #[test]
    fn every_cell_comes_back(texts in prop::array::uniform9("[=+@a,;\"'\r\n\t-]{0,5}|\\PC{0,8}")) {
        let [account_id, resource_arn, key, owner, title, detail, source, fact, remediation] = texts;
        let mut outcome = plain();
        outcome.findings.truncate(1);
        let finding = Finding {
            account_id,
            resource_arn,
            access_key_id: Some(key),
            owner,
            title,
            detail,
            evidence: vec![Evidence { source, fact }],
            remediation,
            ..outcome.findings[0].clone()
        };
        let evidence = format!("{}: {}", finding.evidence[0].source, finding.evidence[0].fact);
        let key = finding.access_key_id.clone().unwrap();
        let expected = [
            &finding.id, finding.rule, finding.severity.name(), finding.confidence.name(),
            &finding.account_id, &finding.resource_arn, finding.resource_type.name(), &key,
            &finding.owner, &finding.title, &finding.detail, &evidence, &finding.remediation,
        ]
        .map(|cell| defused_cell(cell).into_owned());
        outcome.findings = vec![finding.clone()];
        let (header, rows) = parsed(&render(&outcome).unwrap());
        prop_assert_eq!(header, COLUMNS);
        prop_assert_eq!(rows, vec![expected.to_vec()]);
    }
}
