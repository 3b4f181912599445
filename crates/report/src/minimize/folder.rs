//! The files of `minimize --out`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use leastgrant_access::SubjectKind;
use leastgrant_minimize::{Outcome, PolicyOutcome, PrincipalOutcome, SourceKind, Status};

use super::{changed, cloudformation, diff, json, page, terraform};
use crate::Error;
use crate::file_name::{file_name, file_names};

/// What is written beside the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Formats {
    /// Data sources, resources and `import` blocks.
    pub terraform: bool,
    /// Templates.
    pub cloudformation: bool,
}

/// Writes `minimize.json` and, in `ACCOUNT/KIND/NAME/`, each new document with its diff, and `review.md` for each principal that
/// something changes for, or that was skipped. Permission sets are in `identity-center/permission-set/NAME/`.
///
/// `sources` are the logs in words. `formats` are written beside the documents: Terraform as `FILE.tf`, CloudFormation as
/// `FILE.template.json`.
///
/// # Errors
/// [`Error::Write`] if a file cannot be written.
pub fn write(
    outcome: &Outcome,
    sources: Vec<String>,
    folder: &Path,
    formats: Formats,
) -> Result<(), Error> {
    write_file(
        &folder.join("minimize.json"),
        &json::document(outcome, sources)?,
    )?;
    let places = places(outcome);
    for (number, policy) in outcome.policies.iter().enumerate() {
        let Some((own_folder, file)) = places.get(&number) else {
            continue;
        };
        let own_folder = folder.join(own_folder);
        create(&own_folder)?;
        for (document, text) in policy.new.iter().enumerate() {
            let path = own_folder.join(document_name(file, document));
            write_file(&path, text)?;
        }
        write_file(
            &own_folder.join(format!("{file}.diff")),
            &diff::unified(policy, |document| document_name(file, document)),
        )?;
    }
    if formats.terraform {
        write_terraform(outcome, &places, folder)?;
    }
    if formats.cloudformation {
        write_cloudformation(outcome, &places, folder)?;
    }
    for principal in &outcome.principals {
        if principal.status == Status::Unchanged {
            continue;
        }
        let own_folder = folder.join(principal_folder(principal));
        create(&own_folder)?;
        let paths: BTreeMap<usize, String> = principal
            .policies
            .iter()
            .filter_map(|number| {
                let (own, file) = places.get(number)?;
                Some((*number, format!("../../../{}/{file}", slashed(own))))
            })
            .collect();
        let text = page::render(outcome, principal, &paths);
        write_file(&own_folder.join("review.md"), &text)?;
    }
    Ok(())
}

fn write_terraform(
    outcome: &Outcome,
    places: &BTreeMap<usize, (PathBuf, String)>,
    folder: &Path,
) -> Result<(), Error> {
    let names = |number: usize, document: usize| {
        let file = places.get(&number).map_or("", |(_, file)| file);
        document_name(file, document)
    };
    for (number, text) in terraform::render(outcome, places.keys().copied(), names) {
        if let Some((own_folder, file)) = places.get(&number) {
            write_file(&folder.join(own_folder).join(format!("{file}.tf")), &text)?;
        }
    }
    Ok(())
}

fn write_cloudformation(
    outcome: &Outcome,
    places: &BTreeMap<usize, (PathBuf, String)>,
    folder: &Path,
) -> Result<(), Error> {
    for (number, (own_folder, file)) in places {
        let template = outcome.policies.get(*number).map(cloudformation::template);
        if let Some(text) = template.transpose()?.flatten() {
            let path = folder
                .join(own_folder)
                .join(format!("{file}.template.json"));
            write_file(&path, &text)?;
        }
    }
    Ok(())
}

fn slashed(path: &Path) -> String {
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn document_name(file: &str, document: usize) -> String {
    match document {
        0 => format!("{file}.json"),
        // No name of a policy has a `~`.
        more => format!("{file}~{}.json", more + 1),
    }
}

fn principal_folder(principal: &PrincipalOutcome) -> PathBuf {
    let kind = match principal.kind {
        SubjectKind::User => "user",
        _ => "role",
    };
    Path::new(&file_name(&principal.account_id))
        .join(kind)
        .join(file_name(&principal.name))
}

/// Where each policy that changes is written: its folder and the file's name without extension.
fn places(outcome: &Outcome) -> BTreeMap<usize, (PathBuf, String)> {
    let mut by_folder: BTreeMap<PathBuf, Vec<(usize, String)>> = BTreeMap::new();
    for (number, policy) in changed(outcome) {
        let own = by_folder.entry(policy_folder(policy)).or_default();
        own.push((number, policy.source.name.clone()));
    }
    let mut places = BTreeMap::new();
    for (folder, policies) in by_folder {
        // An inline policy and a managed one of the same name are told apart by their kind.
        let names = file_names(policies.iter().map(|(_, name)| name.as_str()));
        let mut taken = BTreeSet::new();
        for (number, name) in &policies {
            let mut file = names.get(name.as_str()).cloned().unwrap_or_default();
            if !taken.insert(file.clone()) {
                file = format!("{file}~managed");
            }
            places.insert(*number, (folder.clone(), file));
        }
    }
    places
}

fn policy_folder(policy: &PolicyOutcome) -> PathBuf {
    let source = &policy.source;
    let rest = source.owner.splitn(6, ':').nth(5).unwrap_or(&source.owner);
    let (kind, path) = rest.split_once('/').unwrap_or(("role", rest));
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = |account: &str, kind: &str, name: &str| {
        Path::new(&file_name(account))
            .join(kind)
            .join(file_name(name))
    };
    match (source.kind, kind) {
        (SourceKind::CustomerManaged, _) => folder(&source.account_id, "policy", &source.name),
        (_, "permissionSet") => folder("identity-center", "permission-set", name),
        (_, "user" | "group") => folder(&source.account_id, kind, name),
        _ => folder(&source.account_id, "role", name),
    }
}

fn create(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}
