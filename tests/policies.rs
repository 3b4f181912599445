//! Real policies: every document parses, prints and is edited without loss. Skipped aloud without the corpus.

use std::io::Read;
use std::path::{Path, PathBuf};

use leastgrant_policy::{Edited, Layout, Policy, PolicyKind, Severity, StatementEdit, lint};
use leastgrant_testing::corpus;
use serde_json::Value;

/// One document misses a comma.
const NO_JSON: &str = "deny-service-specific-credential-by-type.json";

fn files(folder: PathBuf) -> Vec<PathBuf> {
    let mut folders = vec![folder];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn managed(file: &Path) -> Vec<(String, String)> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let policies: Value = serde_json::from_str(&text).unwrap();
    policies
        .as_object()
        .unwrap()
        .iter()
        .map(|(arn, policy)| (arn.clone(), policy["document"].to_string()))
        .collect()
}

/// Reads a document, prints it in every layout, and edits nothing.
fn check(name: &str, text: &str) -> Policy {
    let policy = Policy::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    for layout in [Layout::COMPACT, Layout::TWO_SPACES, Layout::FOUR_SPACES] {
        let printed = policy.print(layout);
        assert_eq!(Policy::parse(&printed).as_ref(), Ok(&policy), "{name}");
    }
    let kept = policy.edit(|_, _| StatementEdit::Keep);
    assert_eq!(kept, Edited::Document(text.to_owned()), "{name}");
    let rewritten = policy.edit(|_, statement| StatementEdit::Replace(vec![statement.clone()]));
    let Edited::Document(rewritten) = rewritten else {
        panic!("{name} lost its statements");
    };
    assert_eq!(Policy::parse(&rewritten).as_ref(), Ok(&policy), "{name}");
    policy
}

#[test]
fn policies_that_aws_manages_are_read_and_have_no_errors_but_their_size() {
    let Some(file) = corpus("policies/aws-managed-latest.json.gz") else {
        return;
    };
    let policies = managed(&file);
    assert!(policies.len() > 1_000, "{}", policies.len());
    for (name, text) in policies {
        let policy = check(&name, &text);
        for finding in lint(&policy, PolicyKind::Identity) {
            assert!(
                finding.severity == Severity::Warning || finding.code.name() == "size-above-quota",
                "{name}: {finding:?}"
            );
        }
    }
}

#[test]
fn documented_policies_are_read() {
    let Some(file) = corpus("policies/documented/aws-user-guide-policies.json") else {
        return;
    };
    let documents: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let documents = documents.as_array().unwrap();
    assert!(!documents.is_empty());
    for document in documents {
        check(
            &document["source"].to_string(),
            &document["policy"].to_string(),
        );
        let pretty = serde_json::to_string_pretty(&document["policy"]).unwrap();
        check(&document["source"].to_string(), &pretty);
    }
}

#[test]
fn policies_of_organizations_are_read_and_one_is_no_json() {
    for part in ["policies/scp", "policies/rcp"] {
        let Some(folder) = corpus(part) else {
            return;
        };
        let files = files(folder);
        assert!(!files.is_empty());
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            if path.ends_with(NO_JSON) {
                assert!(Policy::parse(&text).is_err());
            } else {
                check(&path.display().to_string(), &text);
            }
        }
    }
}
