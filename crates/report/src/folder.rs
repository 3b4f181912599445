//! The reports of `run` and `audit --out` as files.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use leastgrant_audit::{AuditOutcome, Finding};

use crate::file_name::file_names;
use crate::permission_use::{self, PermissionUse};
use crate::{Error, csv, html, json, markdown, owner_markdown};

/// Which reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Files {
    /// `findings.csv`, `owners/OWNER.csv`, and with logs `permission-use.csv`.
    pub csv: bool,
    /// `findings.json`.
    pub json: bool,
    /// `report.md` and `owners/OWNER.md`.
    pub markdown: bool,
    /// `report.html`.
    pub html: bool,
}

impl Files {
    /// All of them.
    pub const ALL: Self = Self {
        csv: true,
        json: true,
        markdown: true,
        html: true,
    };
}

/// Writes reports into `folder`, which is made where it is missing, with a list for each owner of a finding.
///
/// # Errors
/// [`Error::Write`] if a file cannot be written.
pub fn write_reports(
    outcome: &AuditOutcome,
    permission_use: Option<&PermissionUse>,
    folder: &Path,
    files: Files,
) -> Result<(), Error> {
    let mut by_owner: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in what_to_do_first(outcome) {
        by_owner.entry(&finding.owner).or_default().push(finding);
    }
    let owner_files = file_names(by_owner.keys().copied());

    create_folder(folder)?;
    if files.json {
        write(&folder.join("findings.json"), &json::findings(outcome)?)?;
    }
    if files.html {
        write(&folder.join("report.html"), &html::render(outcome)?)?;
    }
    if files.markdown {
        let report = markdown::render(outcome, permission_use, &owner_files);
        write(&folder.join("report.md"), &report)?;
    }
    if files.csv {
        write(&folder.join("findings.csv"), &csv::render(outcome)?)?;
        if let Some(permission_use) = permission_use {
            let rows = permission_use::csv(permission_use)?;
            write(&folder.join(permission_use::FILE), &rows)?;
        }
    }
    if !files.csv && !files.markdown {
        return Ok(());
    }

    let owners = folder.join("owners");
    create_folder(&owners)?;
    for (owner, findings) in by_owner {
        let Some(file) = owner_files.get(owner) else {
            continue;
        };
        let csv_file = format!("{file}.csv");
        if files.markdown {
            let list =
                owner_markdown::render(owner, &findings, permission_use, outcome.as_of, &csv_file);
            write(&owners.join(format!("{file}.md")), &list)?;
        }
        if files.csv {
            write(&owners.join(&csv_file), &csv::render_owner(findings)?)?;
        }
    }
    Ok(())
}

/// All findings in the order of the ranking; the exempted ones, which it does not have, come last.
fn what_to_do_first(outcome: &AuditOutcome) -> impl Iterator<Item = &Finding> {
    let ranked: HashSet<usize> = outcome.ranking.iter().map(|ranked| ranked.index).collect();
    let first = outcome
        .ranking
        .iter()
        .filter_map(|ranked| outcome.findings.get(ranked.index));
    let others = outcome.findings.iter().enumerate();
    first.chain(
        others
            .filter(move |(index, _)| !ranked.contains(index))
            .map(|(_, finding)| finding),
    )
}

fn create_folder(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}
