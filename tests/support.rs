//! A folder of its own for each test, the binary run in it, and what it wrote read back.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use leastgrant_inventory::{Inventory, Row};
use serde_json::Value;

/// The header of a live credential report.
pub(crate) const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
/// The account of most tests.
pub(crate) const ACCOUNT: &str = "111122223333";
/// When most tests' data were collected.
pub(crate) const NOW: &str = "2026-06-30T12:00:00Z";

/// How the binary ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("standard output is JSON")
    }
}

/// A folder that one test has for itself.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The binary in this folder, with nothing of the environment but the path.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leastgrant"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command();
        command.args(arguments);
        self.ran(&mut command)
    }

    /// Runs a command of this folder to its end.
    pub(crate) fn ran(&self, command: &mut Command) -> Ran {
        let output = command.output().expect("the binary runs");
        Ran {
            code: output.status.code().expect("the binary was not killed"),
            stdout: self.redact(&output.stdout),
            stderr: self.redact(&output.stderr),
        }
    }

    /// Collects the folder `bundle` into the inventory `inv`.
    #[track_caller]
    pub(crate) fn collect(&self, code: i32) -> Ran {
        self.run(&["collect", "--from", "bundle", "--out", "inv"])
            .expect_code(code)
    }

    /// The rows of a table of the inventory `inv`.
    pub(crate) fn rows<R: Row>(&self) -> Vec<R> {
        Inventory::open(&self.path("inv"))
            .and_then(|inventory| inventory.read())
            .expect("a readable table")
    }

    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_str(&self.read("inv/manifest.json")).expect("JSON")
    }

    /// The gaps of the inventory `inv` as `SOURCE: REASON`.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let manifest = self.manifest();
        let gaps = manifest["gaps"].as_array().expect("a list");
        gaps.iter()
            .map(|gap| {
                format!(
                    "{}: {}",
                    gap["source"].as_str().unwrap(),
                    gap["reason"].as_str().unwrap()
                )
            })
            .collect()
    }

    /// The findings of the inventory `inv` as `RULE RESOURCE KEY`, sorted.
    pub(crate) fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let mut all = vec!["audit", "inv", "--format", "json"];
        all.extend(arguments);
        let document = self.run(&all).expect_code(0).json();
        brief(&document["findings"])
    }

    /// What could not be checked, as `RULE: REASON`.
    pub(crate) fn not_checked(&self) -> Vec<String> {
        let document = self
            .run(&["audit", "inv", "--format", "json"])
            .expect_code(0)
            .json();
        let entries = document["not_checked"].as_array().expect("a list");
        entries
            .iter()
            .map(|entry| {
                format!(
                    "{}: {}",
                    entry["rule"].as_str().unwrap(),
                    entry["reason"].as_str().unwrap()
                )
            })
            .collect()
    }

    fn redact(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        text.replace(&self.folder.path().display().to_string(), "[DIR]")
    }
}

/// Findings as `RULE RESOURCE KEY`, sorted; the resource without the part before the account's.
pub(crate) fn brief(findings: &Value) -> Vec<String> {
    let mut lines: Vec<String> = findings
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            let arn = finding["resource_arn"].as_str().unwrap();
            let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
            format!(
                "{} {} {}",
                finding["rule"].as_str().unwrap(),
                resource,
                finding["access_key_id"].as_str().unwrap_or("-")
            )
        })
        .collect();
    lines.sort();
    lines
}

/// `account.json` of the usual account and time.
pub(crate) fn account_json(collected_at: &str) -> String {
    format!(r#"{{"Account":"{ACCOUNT}","Partition":"aws","collected_at":"{collected_at}"}}"#)
}

/// A row of a credential report, from the members that differ from a user without anything.
#[derive(Clone)]
pub(crate) struct ReportRow {
    cells: Vec<String>,
}

impl ReportRow {
    pub(crate) fn user(name: &str, created_at: &str) -> Self {
        let none = "N/A";
        let mut cells: Vec<String> = [
            name,
            &format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
            created_at,
            "false",
            none,
            none,
            none,
            "false",
        ]
        .iter()
        .map(|cell| (*cell).to_owned())
        .collect();
        for _ in 0..2 {
            cells.extend(["false", none, none, none, none].map(str::to_owned));
        }
        cells.extend(["false", none, "false", none].map(str::to_owned));
        Self { cells }
    }

    pub(crate) fn root() -> Self {
        Self::user("<root_account>", "2015-01-01T00:00:00+00:00")
            .cell("arn", &format!("arn:aws:iam::{ACCOUNT}:root"))
            .cell("password_enabled", "not_supported")
            .cell("password_last_used", "no_information")
            .cell("password_last_changed", "not_supported")
            .cell("password_next_rotation", "not_supported")
            .cell("mfa_active", "true")
    }

    pub(crate) fn cell(mut self, column: &str, value: &str) -> Self {
        let index = HEADER
            .split(',')
            .position(|name| name == column)
            .expect("a column of the report");
        self.cells[index] = value.to_owned();
        self
    }

    pub(crate) fn password(self, changed_at: &str, last_used_at: &str) -> Self {
        self.cell("password_enabled", "true")
            .cell("password_last_changed", changed_at)
            .cell("password_last_used", last_used_at)
            .cell("mfa_active", "true")
    }

    pub(crate) fn key(self, slot: u8, active: &str, created_at: &str, last_used_at: &str) -> Self {
        self.cell(&format!("access_key_{slot}_active"), active)
            .cell(&format!("access_key_{slot}_last_rotated"), created_at)
            .cell(&format!("access_key_{slot}_last_used_date"), last_used_at)
    }

    pub(crate) fn line(&self) -> String {
        let quoted = |cell: &String| {
            if cell.contains([',', '"']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        self.cells.iter().map(quoted).collect::<Vec<_>>().join(",")
    }
}

/// A credential report of these rows, after the root user's.
pub(crate) fn report(rows: &[ReportRow]) -> String {
    let mut lines = vec![HEADER.to_owned(), ReportRow::root().line()];
    lines.extend(rows.iter().map(ReportRow::line));
    lines.join("\n")
}

/// A sandbox with a bundle of `account.json` and a report, not collected yet.
pub(crate) fn with_report(rows: &[ReportRow]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/credential-report.csv", report(rows));
    sandbox
}

/// A ListAccessKeys answer of one user.
pub(crate) fn key_list(user: &str, keys: &[(&str, &str, &str)]) -> String {
    let keys: Vec<Value> = keys
        .iter()
        .map(|(id, status, created_at)| serde_json::json!({"UserName": user, "AccessKeyId": id, "Status": status, "CreateDate": created_at}))
        .collect();
    serde_json::json!({"AccessKeyMetadata": keys, "IsTruncated": false}).to_string()
}
