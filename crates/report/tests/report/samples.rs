//! `reports/samples` holds one output of each format; `LEASTGRANT_UPDATE=1` writes them anew.

use std::path::Path;

use leastgrant_report::table::Terminal;
use leastgrant_report::{
    csv, file_name, gate_text, github, html, json, junit, markdown, owner_markdown, permission_use,
    sarif,
};

use crate::outcomes::{RULES, plain, plain_gate, plain_permission_use};

#[test]
fn samples_are_what_is_written_today() {
    let outcome = plain();
    let gate = plain_gate();
    let owner = "payments-team";
    let owned: Vec<_> = outcome
        .findings
        .iter()
        .filter(|finding| finding.owner == owner)
        .collect();
    let owners = file_name::file_names(
        outcome
            .findings
            .iter()
            .map(|finding| finding.owner.as_str()),
    );
    let used = plain_permission_use();
    let artifact = "inventory/manifest.json";
    let samples = [
        ("findings.json", json::findings(&outcome).unwrap()),
        ("findings.csv", csv::render(&outcome).unwrap()),
        (
            "findings.sarif",
            sarif::audit(&outcome, &RULES, artifact).unwrap(),
        ),
        (
            "report.md",
            markdown::render(&outcome, Some(&used), &owners),
        ),
        ("permission-use.csv", permission_use::csv(&used).unwrap()),
        ("report.html", html::render(&outcome).unwrap()),
        (
            "owner.md",
            owner_markdown::render(
                owner,
                &owned,
                Some(&used),
                outcome.as_of,
                "payments-team.csv",
            ),
        ),
        (
            "owner.csv",
            csv::render_owner(owned.iter().copied()).unwrap(),
        ),
        ("gate.txt", gate_text::render(&gate, Terminal::default())),
        ("gate.json", json::gate(&gate).unwrap()),
        ("gate.sarif", sarif::gate(&gate, &RULES, artifact).unwrap()),
        ("gate.junit.xml", junit::render(&gate).unwrap()),
        ("gate.github.txt", github::render(&gate)),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/samples");
    let update = std::env::var_os("LEASTGRANT_UPDATE").is_some_and(|value| value == "1");
    let mut stale = Vec::new();
    for (name, text) in samples {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).unwrap_or_default() == text {
            continue;
        }
        if update {
            std::fs::write(&path, text).unwrap();
        } else {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "{stale:?} in reports/samples differ from what is written today; look at the change and run \
         `LEASTGRANT_UPDATE=1 cargo test -p leastgrant-report samples`"
    );
}
