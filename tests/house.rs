//! The house itself: arrows between crates, a `//!` on every module, rooms of a bearable size.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Which crate may use which, as `ARCHITECTURE.md` draws it.
const ARROWS: &[(&str, &[&str])] = &[
    ("leastgrant-policy", &[]),
    ("leastgrant-catalog", &["leastgrant-policy"]),
    ("leastgrant-inventory", &[]),
    ("leastgrant-aws", &[]),
    ("leastgrant-demo", &[]),
    (
        "leastgrant-collect",
        &["leastgrant-aws", "leastgrant-inventory"],
    ),
    (
        "leastgrant-trail",
        &[
            "leastgrant-aws",
            "leastgrant-catalog",
            "leastgrant-inventory",
        ],
    ),
    (
        "leastgrant-audit",
        &[
            "leastgrant-access",
            "leastgrant-catalog",
            "leastgrant-evidence",
            "leastgrant-inventory",
            "leastgrant-policy",
        ],
    ),
    ("leastgrant-certificate", &[]),
    (
        "leastgrant-minimize",
        &[
            "leastgrant-access",
            "leastgrant-catalog",
            "leastgrant-certificate",
            "leastgrant-evidence",
            "leastgrant-inventory",
            "leastgrant-policy",
        ],
    ),
    (
        "leastgrant-evidence",
        &["leastgrant-catalog", "leastgrant-inventory"],
    ),
    (
        "leastgrant-access",
        &[
            "leastgrant-catalog",
            "leastgrant-inventory",
            "leastgrant-policy",
        ],
    ),
    (
        "leastgrant-report",
        &[
            "leastgrant-access",
            "leastgrant-audit",
            "leastgrant-catalog",
            "leastgrant-inventory",
            "leastgrant-minimize",
            "leastgrant-policy",
        ],
    ),
    (
        "leastgrant",
        &[
            "leastgrant-access",
            "leastgrant-audit",
            "leastgrant-aws",
            "leastgrant-catalog",
            "leastgrant-collect",
            "leastgrant-demo",
            "leastgrant-evidence",
            "leastgrant-inventory",
            "leastgrant-minimize",
            "leastgrant-policy",
            "leastgrant-report",
            "leastgrant-trail",
        ],
    ),
    ("leastgrant-testing", &[]),
    (
        "xtask",
        &[
            "leastgrant-catalog",
            "leastgrant-policy",
            "leastgrant-testing",
        ],
    ),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

#[test]
fn crates_use_only_what_lies_left_of_them() {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut found = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let allowed = ARROWS
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("`{name}` has no arrows in this test"))
            .1;
        found.insert(name.to_owned());
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            let is_ours = used.starts_with("leastgrant") || used == "xtask";
            let is_for_tests = used == "leastgrant-testing" && dependency["kind"] == "dev";
            assert!(
                !is_ours || is_for_tests || allowed.contains(&used),
                "`{name}` must not use `{used}`"
            );
        }
    }
    assert_eq!(
        found,
        ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect()
    );
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = ["crates", "xtask", "tests", "fuzz/fuzz_targets"]
        .map(|name| repository().join(name))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 50);
    found
}

#[test]
fn every_module_says_what_it_is() {
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with("#!"))
            .unwrap_or_default();
        assert!(
            first.starts_with("//!"),
            "{} does not begin with `//!`",
            path.display()
        );
    }
}

#[test]
fn no_file_is_longer_than_500_lines_before_its_tests() {
    for path in sources()
        .into_iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == "tests"))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text
            .lines()
            .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
            .count();
        assert!(
            lines <= 500,
            "{} has {lines} lines; split it",
            path.display()
        );
    }
}
