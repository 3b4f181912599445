//! The reports as files, whatever the owners are called.

use std::collections::BTreeSet;

use leastgrant_report::folder::{Files, write_reports};

use crate::csv::parsed;
use crate::outcomes::{PAYLOADS, empty, hostile, plain};

fn names_in(folder: &std::path::Path) -> BTreeSet<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_owner_of_a_finding_gets_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("new/reports");
    write_reports(&plain(), None, &reports, Files::ALL).unwrap();
    assert_eq!(
        names_in(&reports).into_iter().collect::<Vec<_>>(),
        [
            "findings.csv",
            "findings.json",
            "owners",
            "report.html",
            "report.md"
        ]
    );
    assert_eq!(
        names_in(&reports.join("owners"))
            .into_iter()
            .collect::<Vec<_>>(),
        [
            "cloud-platform%40example.com.csv",
            "cloud-platform%40example.com.md",
            "payments-team.csv",
            "payments-team.md",
            "unowned.csv",
            "unowned.md",
        ]
    );
    let list = std::fs::read_to_string(reports.join("owners/payments-team.csv")).unwrap();
    let (_, rows) = parsed(&list);
    assert_eq!(rows.len(), 6, "the exempted finding is in the list too");
}

#[test]
fn only_the_files_that_were_asked_for_are_written() {
    let none = Files {
        csv: false,
        json: false,
        markdown: false,
        html: false,
    };
    let written = |files: Files| {
        let folder = tempfile::tempdir().unwrap();
        write_reports(&plain(), None, folder.path(), files).unwrap();
        let mut names: Vec<String> = names_in(folder.path()).into_iter().collect();
        if names.contains(&"owners".to_owned()) {
            names.extend(names_in(&folder.path().join("owners")));
        }
        names
    };
    assert_eq!(written(Files { html: true, ..none }), ["report.html"]);
    assert_eq!(written(Files { json: true, ..none }), ["findings.json"]);
    let lists = |ending: &str| {
        ["cloud-platform%40example.com", "payments-team", "unowned"]
            .map(|owner| format!("{owner}.{ending}"))
    };
    let csv = written(Files { csv: true, ..none });
    assert_eq!(csv[..2], ["findings.csv", "owners"]);
    assert_eq!(csv[2..], lists("csv"));
    let markdown = written(Files {
        markdown: true,
        ..none
    });
    assert_eq!(markdown[..2], ["owners", "report.md"]);
    assert_eq!(markdown[2..], lists("md"));
}

#[test]
fn hostile_owners_stay_in_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("deep/reports");
    write_reports(&hostile(), None, &reports, Files::ALL).unwrap();
    assert_eq!(names_in(folder.path()).len(), 1);
    assert_eq!(names_in(&folder.path().join("deep")).len(), 1);
    assert_eq!(names_in(&reports).len(), 5);
    let owners = names_in(&reports.join("owners"));
    assert_eq!(owners.len(), PAYLOADS.len() * 2);
    assert!(owners.contains("%2E.%2F..%2Fx.md"), "{owners:?}");
}

#[test]
fn owners_that_differ_in_case_do_not_share_a_file() {
    let mut outcome = plain();
    outcome.findings[0].owner = "Payments-Team".to_owned();
    let folder = tempfile::tempdir().unwrap();
    write_reports(&outcome, None, folder.path(), Files::ALL).unwrap();
    let owners: BTreeSet<String> = names_in(&folder.path().join("owners"))
        .into_iter()
        .map(|name| name.to_lowercase())
        .collect();
    assert_eq!(owners.len(), 6, "{owners:?}");
    let report = std::fs::read_to_string(folder.path().join("report.md")).unwrap();
    assert!(
        report.contains("[`Payments-Team`](owners/Payments-Team~"),
        "{report}"
    );
}

#[test]
fn without_findings_there_is_no_owner() {
    let folder = tempfile::tempdir().unwrap();
    write_reports(&empty(), None, folder.path(), Files::ALL).unwrap();
    assert!(names_in(&folder.path().join("owners")).is_empty());
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = write_reports(&plain(), None, &file.join("reports"), Files::ALL).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write `{}`", file.join("reports").display())
    );
}
