//! The smaller policies as changes of the Terraform that is there: a patch, and what it could not do.
//!
//! A statement whose actions are written out, and that says what the account has, is changed in place: comments, variables and
//! whatever else it has stay. All else is left alone and named.

mod find;
mod module;
mod rewrite;
mod statements;

use std::collections::BTreeMap;
use std::path::Path;

use leastgrant_minimize::{Outcome, SourceKind};
use similar::TextDiff;

use crate::Error;
use crate::text::terminal_safe;
use find::{Found, Written};
use module::Module;

/// A patch of a folder of Terraform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExistingTerraform {
    /// A unified diff with paths from the folder, for `git apply` or `patch -p1`; empty where nothing can be changed.
    pub patch: String,
    /// How many policies it makes smaller.
    pub changed: usize,
    /// What was left alone and why, a line each.
    pub notes: Vec<String>,
}

impl ExistingTerraform {
    /// The notes as a head that `git apply` and `patch` skip, and the patch.
    #[must_use]
    pub fn text(&self) -> String {
        let head: String = self
            .notes
            .iter()
            .map(|note| format!("# {note}\n"))
            .collect();
        head + &self.patch
    }
}

/// Texts in the place of parts of one file, by the parts.
type Edits = Vec<(std::ops::Range<usize>, String)>;

/// Looks for the changed policies in all `.tf` files of a folder.
///
/// # Errors
/// The folder, or a file in it, cannot be read. A file that is no Terraform is no error but a note.
pub fn existing_terraform(outcome: &Outcome, folder: &Path) -> Result<ExistingTerraform, Error> {
    let mut result = ExistingTerraform::default();
    let modules = module::read(folder, &mut result.notes)?;
    let index = find::Index::of(outcome);
    let mut edits: BTreeMap<&Path, (&str, Edits)> = BTreeMap::new();
    let mut documents: Vec<(std::path::PathBuf, String, String)> = Vec::new();
    let mut met = std::collections::BTreeSet::new();
    for module in &modules {
        for found in find::policies(module, &index) {
            let Found {
                address, places, ..
            } = &found;
            met.extend(places.iter().copied());
            match change(outcome, module, &found, folder) {
                Ok(Change::Edits(file, own)) => {
                    if let Some(file) = module.files.get(file) {
                        let entry = edits.entry(&file.path).or_insert((&file.text, Vec::new()));
                        entry.1.extend(own);
                        result.changed += 1;
                    }
                }
                Ok(Change::Document(path, old, new)) => {
                    documents.push((path, old, new));
                    result.changed += 1;
                }
                Err(why) => {
                    let place = module.folder.join("").display().to_string();
                    let note = format!("{place}{address}: {why}");
                    result.notes.push(terminal_safe(&note).into_owned());
                }
            }
        }
    }
    let policies = super::changed(outcome);
    let missing = policies
        .filter(|(place, own)| own.source.kind != SourceKind::AwsManaged && !met.contains(place));
    match missing.count() {
        0 => {}
        count => result.notes.push(format!(
            "not found by name: {count} of the policies that change; they may be made elsewhere, or have computed names"
        )),
    }
    for (path, (text, own)) in edits {
        let new = rewrite::applied(text, own);
        result.patch.push_str(&patch(path, text, &new));
    }
    documents.sort();
    documents.dedup();
    for (path, old, new) in documents {
        result.patch.push_str(&patch(&path, &old, &new));
    }
    Ok(result)
}

enum Change {
    /// Of the file of this place in the module.
    Edits(usize, Edits),
    /// A file with nothing but the document: its path, its text and the new text.
    Document(std::path::PathBuf, String, String),
}

fn change(
    outcome: &Outcome,
    module: &Module,
    found: &Found<'_>,
    folder: &Path,
) -> Result<Change, String> {
    let policies = || {
        found
            .places
            .iter()
            .filter_map(|place| outcome.policies.get(*place))
    };
    let Some(policy) = policies().next() else {
        return Err("it is not among the policies that change".to_owned());
    };
    if policies().any(|own| own.new != policy.new || own.old != policy.old) {
        return Err(
            "several accounts have a policy of this name, and not all change alike".to_owned(),
        );
    }
    let [new] = policy.new.as_slice() else {
        return Err(match policy.new.len() {
            0 => "nothing of it is needed: remove it".to_owned(),
            count => format!("{count} documents take its place, since one would be too long"),
        });
    };
    let parse = |text: &str| {
        leastgrant_policy::Policy::parse(text).map_err(|_| "its document cannot be read".to_owned())
    };
    let (old, smaller) = (parse(&policy.old)?, parse(new)?);
    match &found.written {
        Written::Statements(file, statements) => {
            let text = module.files.get(*file).map_or("", |file| &file.text);
            let edits = rewrite::statements(text, statements, policy, &old, &smaller)?;
            Ok(Change::Edits(*file, edits))
        }
        Written::Text {
            file,
            span,
            text,
            is_heredoc,
        } => {
            let written = parse(text)?;
            if written != old {
                return Err(NOT_THE_SAME.to_owned());
            }
            let own = module.files.get(*file).map_or("", |file| &file.text);
            let new = rewrite::document(&written, policy, &smaller);
            let new = rewrite::template(own, span, &new, *is_heredoc)
                .ok_or("HCL would read the new document as something else")?;
            Ok(Change::Edits(*file, vec![(span.clone(), new)]))
        }
        Written::File(name) => {
            let path = module.folder.join(name);
            let text = module::document(&folder.join(&path))
                .ok_or_else(|| format!("`{name}` cannot be read"))?;
            let written = parse(&text)?;
            if written != old {
                return Err(NOT_THE_SAME.to_owned());
            }
            let new = rewrite::document(&written, policy, &smaller);
            Ok(Change::Document(path, text, new))
        }
        Written::Other(why) => Err((*why).to_owned()),
    }
}

/// Why a document is left alone.
const NOT_THE_SAME: &str = "it does not say what the account has";

fn patch(path: &Path, old: &str, new: &str) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    let name = parts.join("/");
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}
