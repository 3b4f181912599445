//! The credential report: CSV as it is, or base64 in the API's answer.
//!
//! Sources: "Get credential reports for your AWS account" in the IAM User Guide, and recorded answers.

use std::collections::HashMap;

use base64::Engine;
use leastgrant_inventory::{DataKind, Timestamp};

use super::account::stated_at;
use super::{Problem, Problems, Reader};
use crate::answer::{Answer, Members};
use crate::facts::{KeyUse, Piece, ReportCertificate, ReportKey, ReportUser};
use crate::time;

/// The name of the root user in the report.
pub(crate) const ROOT_USER: &str = "<root_account>";

pub(crate) const READERS: &[Reader] = &[Reader::new(
    "iam:GetCredentialReport",
    DataKind::CredentialReport,
    "Content",
    read,
)
.if_only(is_report_answer)];

fn is_report_answer(members: &Members<'_>) -> bool {
    members.has("GeneratedTime") || members.has("ReportFormat")
}

/// Whether a text is a report, by its header.
pub(crate) fn is_report(text: &str) -> bool {
    let header = text.lines().next().unwrap_or_default();
    let has = |column: &str| {
        header
            .split(',')
            .any(|cell| cell.trim().trim_matches('"') == column)
    };
    has("user") && has("arn") && has("user_creation_time")
}

fn read(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    piece.stated_at = stated_at(answer, "GeneratedTime", problems);
    let Some(content) = answer.members.text("Content") else {
        problems.push(Problem::at(
            "/Content",
            "the report is missing; export it again",
        ));
        return;
    };
    // Some tools decode the content and leave it in the answer.
    if is_report(&content) {
        read_csv(&content, piece, problems);
        return;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(content.split_ascii_whitespace().collect::<String>())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        Some(csv) if is_report(&csv) => read_csv(&csv, piece, problems),
        Some(_) => problems.push(Problem::at(
            "/Content",
            "holds no credential report; export it again",
        )),
        None => problems.push(Problem::at(
            "/Content",
            "is not base64 of UTF-8 text; export it again",
        )),
    }
}

/// Reads the CSV by its header; columns that are not known are passed over.
pub(crate) fn read_csv(text: &str, piece: &mut Piece, problems: &mut Problems) {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => Header::new(header),
        Err(error) => {
            problems.push(Problem::at(
                ":1",
                &format!("the header cannot be read: {error}"),
            ));
            return;
        }
    };
    let missing = header.missing_columns();
    if !missing.is_empty() {
        // What a missing column would have said is not known, and must not be read as "none" or "never".
        problems.push(Problem::at(
            ":1",
            &format!(
                "the header has no column {}; export the report again",
                missing.join(", ")
            ),
        ));
        return;
    }
    let mut users: Vec<ReportUser> = Vec::new();
    let mut line_of_user: HashMap<String, usize> = HashMap::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem::at(
                    &format!(":{line}"),
                    &format!("the row cannot be read: {error}"),
                ));
                // An unreadable row says nothing of where the next one begins.
                break;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        match header.user(&record, line) {
            Ok(user) => match line_of_user.insert(user.arn.clone(), users.len()) {
                Some(earlier) => {
                    let message = format!(
                        "repeats the user of an earlier row, `{}`; the later row is kept, but one of the two is wrong",
                        user.arn
                    );
                    problems.push(Problem::at(&format!(":{line}"), &message));
                    line_of_user.insert(user.arn.clone(), earlier);
                    if let Some(kept) = users.get_mut(earlier) {
                        *kept = user;
                    }
                }
                None => users.push(user),
            },
            Err(reason) => problems.push(Problem::at(&format!(":{line}"), &reason)),
        }
    }
    piece.account_id = super::shapes::common_account(users.iter().map(|user| user.arn.as_str()));
    piece.facts.entities.report = Some(users);
}

/// Where each column is.
struct Header {
    columns: HashMap<String, usize>,
    width: usize,
}

/// A cell that says that there is nothing, or nothing known.
fn is_sentinel(cell: &str) -> bool {
    matches!(cell, "" | "N/A" | "no_information" | "not_supported")
}

impl Header {
    fn new(record: &csv::StringRecord) -> Self {
        let columns = record
            .iter()
            .enumerate()
            .map(|(index, name)| (name.trim().to_owned(), index))
            .collect();
        Self {
            columns,
            width: record.len(),
        }
    }

    /// Columns that every report has, each of which says something that a finding could rest on.
    fn missing_columns(&self) -> Vec<String> {
        let of_users = [
            "password_enabled",
            "password_last_used",
            "password_last_changed",
            "mfa_active",
        ]
        .map(str::to_owned);
        let of_slots = [1, 2].into_iter().flat_map(|slot| {
            let of_keys = ["active", "last_rotated", "last_used_date"]
                .map(|name| format!("access_key_{slot}_{name}"));
            let of_certificates =
                ["active", "last_rotated"].map(|name| format!("cert_{slot}_{name}"));
            of_keys.into_iter().chain(of_certificates)
        });
        of_users
            .into_iter()
            .chain(of_slots)
            .filter(|column| !self.columns.contains_key(column))
            .map(|column| format!("`{column}`"))
            .collect()
    }

    /// Whether a slot's credential can be used. A live report always says so, even of an empty slot.
    fn is_active(&self, record: &csv::StringRecord, column: &str) -> Result<bool, String> {
        self.boolean(record, column)?.ok_or_else(|| {
            format!(
                "the cell of the column `{column}` is neither true nor false; the row is left out"
            )
        })
    }

    fn cell<'r>(&self, record: &'r csv::StringRecord, column: &str) -> Option<&'r str> {
        let cell = record.get(*self.columns.get(column)?)?.trim();
        (!is_sentinel(cell)).then_some(cell)
    }

    fn date(&self, record: &csv::StringRecord, column: &str) -> Result<Option<Timestamp>, String> {
        match self.cell(record, column) {
            None => Ok(None),
            Some(cell) => time::parse(cell).map(Some).ok_or_else(|| {
                format!(
                    "the cell `{}` of the column `{column}` is no date; the row is left out",
                    shortened(cell)
                )
            }),
        }
    }

    /// Booleans are `true` in live reports and `TRUE` in the documentation.
    fn boolean(&self, record: &csv::StringRecord, column: &str) -> Result<Option<bool>, String> {
        match self.cell(record, column) {
            None => Ok(None),
            Some(cell) if cell.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(cell) if cell.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(cell) => Err(format!(
                "the cell `{}` of the column `{column}` is neither true nor false; the row is left out",
                shortened(cell)
            )),
        }
    }

    fn user(&self, record: &csv::StringRecord, line: u64) -> Result<ReportUser, String> {
        if record.len() != self.width {
            return Err(format!(
                "the row of `{}` has {} cells and the header {}; the row is left out, so export the report again",
                shortened(record.get(0).unwrap_or_default()),
                record.len(),
                self.width
            ));
        }
        let text = |column: &str| self.cell(record, column).map(str::to_owned);
        // A user may be named like a sentinel, such as `no_information`.
        let raw = |column: &str| {
            self.columns
                .get(column)
                .and_then(|index| record.get(*index))
                .map(str::to_owned)
        };
        let user_name = raw("user")
            .filter(|name| !name.is_empty())
            .ok_or("the row has no user; it is left out")?;
        let arn = raw("arn")
            .filter(|arn| arn.starts_with("arn:"))
            .ok_or_else(|| {
                format!(
                    "the row of `{}` has no ARN; it is left out",
                    shortened(&user_name)
                )
            })?;
        let mut keys = Vec::new();
        let mut certificates = Vec::new();
        for slot in [1, 2] {
            let is_active = self.is_active(record, &format!("access_key_{slot}_active"))?;
            let created_at = self.date(record, &format!("access_key_{slot}_last_rotated"))?;
            // `false` with a date is an inactive key; `false` without one is no key.
            if is_active || created_at.is_some() {
                keys.push(ReportKey {
                    slot,
                    is_active,
                    created_at,
                    last_use: KeyUse {
                        at: self.date(record, &format!("access_key_{slot}_last_used_date"))?,
                        service: text(&format!("access_key_{slot}_last_used_service")),
                        region: text(&format!("access_key_{slot}_last_used_region")),
                    },
                });
            }
            let is_active = self.is_active(record, &format!("cert_{slot}_active"))?;
            let created_at = self.date(record, &format!("cert_{slot}_last_rotated"))?;
            if is_active || created_at.is_some() {
                certificates.push(ReportCertificate {
                    slot,
                    is_active,
                    created_at,
                });
            }
        }
        Ok(ReportUser {
            line,
            is_root: user_name == ROOT_USER,
            created_at: self.date(record, "user_creation_time")?,
            password_enabled: self.boolean(record, "password_enabled")?,
            password_last_used_at: self.date(record, "password_last_used")?,
            password_last_changed_at: self.date(record, "password_last_changed")?,
            password_next_rotation_at: self.date(record, "password_next_rotation")?,
            mfa_active: self.boolean(record, "mfa_active")?,
            keys,
            certificates,
            additional_credentials_info: text("additional_credentials_info"),
            user_name,
            arn,
        })
    }
}

/// Cells are written by others and can be of any length.
fn shortened(cell: &str) -> String {
    const SHOWN: usize = 80;
    if cell.chars().count() <= SHOWN {
        return cell.to_owned();
    }
    cell.chars().take(SHOWN).chain("…".chars()).collect()
}
