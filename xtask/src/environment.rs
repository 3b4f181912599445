//! Pinned environments with other programs: readers of our files, and peers that we are measured against.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{self, is_there, say, target_folder};

/// What the environment of the tests holds. A change here makes a new one.
const PACKAGES: &[&str] = &[
    "duckdb==2.0.1",
    "moto[server,s3]==5.2.5",
    "sqlglot==30.30.0",
    "trino-query-parser==0.422.7",
    "trino-sql-validator==0.23.0",
];

/// The peer that expansion is measured against. A change here makes a new environment.
const PEER_PACKAGES: [&str; 1] = ["policy_sentry==0.15.2"];

/// The peer that reads CloudTrail files. A change here makes a new environment.
const TRAIL_PEER_PACKAGES: [&str; 1] = ["trailscraper==0.10.0"];

/// The peer that `audit` is measured against. A change here makes a new environment.
const SCAN_PEER_PACKAGES: [&str; 1] = ["cloudsplaining==0.9.1"];

/// The interpreter of the tests' environment; none, aloud, where Python or the packages are not to be had.
pub(crate) fn python() -> Option<PathBuf> {
    virtual_environment("test-environment", PACKAGES)
}

/// The interpreter that has the peer; none, aloud, where Python or the packages are not to be had.
pub(crate) fn peer_python() -> Option<PathBuf> {
    virtual_environment("peer-environment", &PEER_PACKAGES)
}

/// The interpreter that has the peer of `usage`; none, aloud, where Python or the packages are not to be had.
pub(crate) fn trail_peer_python() -> Option<PathBuf> {
    virtual_environment("trail-peer-environment", &TRAIL_PEER_PACKAGES)
}

/// The interpreter that has the peer of `audit`; none, aloud, where Python or the packages are not to be had.
pub(crate) fn scan_peer_python() -> Option<PathBuf> {
    virtual_environment("scan-peer-environment", &SCAN_PEER_PACKAGES)
}

fn virtual_environment(name: &str, packages: &[&str]) -> Option<PathBuf> {
    let folder = target_folder().join(name);
    let python = folder.join("bin/python");
    let stamp = folder.join("packages.txt");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Some(python);
    }
    if !is_there(Command::new("python3").args(["-m", "venv", "--help"])) {
        say("SKIPPED: there is no python3 with venv, so what needs it is skipped");
        return None;
    }
    let made = shell::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .and_then(|()| {
        shell::run(
            Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ])
                .args(packages),
        )
    });
    match made.and_then(|()| Ok(std::fs::write(&stamp, wanted)?)) {
        Ok(()) => Some(python),
        Err(error) => {
            say(&format!(
                "SKIPPED: the environment `{name}` cannot be made ({error:#}), so what needs it is skipped"
            ));
            None
        }
    }
}

/// The peer that decisions are measured against. A change here installs it anew.
const NODE_PACKAGE: &str = "@cloud-copilot/iam-simulate@0.1.173";

/// A folder with the peer's packages; none, aloud, where node or the packages are not to be had.
pub(crate) fn node() -> Option<PathBuf> {
    let folder = target_folder().join("test-environment/node");
    let stamp = folder.join("package.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|made| made == NODE_PACKAGE) {
        return Some(folder);
    }
    if !is_there(Command::new("npm").arg("--version")) {
        say("SKIPPED: there is no npm, so the peer on node cannot be measured");
        return None;
    }
    let made = std::fs::create_dir_all(&folder)
        .map_err(anyhow::Error::from)
        .and_then(|()| {
            shell::run(
                Command::new("npm")
                    .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
                    .arg(&folder)
                    .arg(NODE_PACKAGE),
            )
        });
    match made.and_then(|()| Ok(std::fs::write(&stamp, NODE_PACKAGE)?)) {
        Ok(()) => Some(folder),
        Err(error) => {
            say(&format!(
                "SKIPPED: the peer on node cannot be installed ({error:#})"
            ));
            None
        }
    }
}
