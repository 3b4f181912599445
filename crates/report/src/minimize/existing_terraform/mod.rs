//! The smaller policies as changes of the Terraform that is there: a patch, and what it could not do.
//!
//! A statement whose actions are written out, and that says what the account has, is changed in place: comments, variables and
//! whatever else it has stay. All else is left alone and named.

mod find;
mod module;
mod rewrite;
mod statements;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use leastgrant_minimize::{Outcome, PolicyOutcome, SourceKind};
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
    let wanted: BTreeSet<usize> = super::changed(outcome).map(|(place, _)| place).collect();
    let mut met = BTreeSet::new();
    let mut planned = Vec::new();
    for module in &modules {
        for found in find::policies(module, &index) {
            if found.places.iter().all(|place| !wanted.contains(place)) {
                continue;
            }
            met.extend(found.places.iter().copied());
            let place = module.folder.join("").display().to_string();
            let address = format!("{place}{}", found.address);
            match change(outcome, &wanted, module, &found, folder) {
                Ok((change, new)) => planned.push(Planned {
                    address,
                    module,
                    change,
                    new,
                }),
                Err(why) => result.leave(&address, &why),
            }
        }
    }
    let unmet = super::changed(outcome)
        .filter(|(place, own)| own.source.kind != SourceKind::AwsManaged && !met.contains(place));
    for (_, policy) in unmet {
        let source = &policy.source;
        let own = match source.kind {
            SourceKind::Inline => format!("`{}` of `{}`", source.name, source.owner),
            _ => format!("`{}`", source.arn),
        };
        result.leave(
            &own,
            "not found by name: it may be made elsewhere, or have a computed name",
        );
    }
    let planned = not_shared(planned, &modules, &mut result);
    write(planned, &mut result);
    Ok(result)
}

/// A change of one policy.
struct Planned<'m> {
    address: String,
    module: &'m Module,
    change: Change,
    /// The new document.
    new: String,
}

impl ExistingTerraform {
    fn leave(&mut self, address: &str, why: &str) {
        let note = format!("{address}: {why}");
        self.notes.push(terminal_safe(&note).into_owned());
    }
}

/// Those whose document nothing else has, or only what changes in the same way.
fn not_shared<'m>(
    planned: Vec<Planned<'m>>,
    modules: &[Module],
    result: &mut ExistingTerraform,
) -> Vec<Planned<'m>> {
    let mut by_source: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for own in &planned {
        if let Some((source, _)) = own.source(modules) {
            by_source.entry(source).or_default().push(&own.new);
        }
    }
    let is_alone = |own: &Planned<'_>| {
        own.source(modules).is_none_or(|(source, mentions)| {
            by_source.get(&source).is_some_and(|users| {
                users.len() == mentions && users.iter().all(|new| *new == own.new)
            })
        })
    };
    let verdicts: Vec<bool> = planned.iter().map(is_alone).collect();
    let mut kept = Vec::new();
    for (own, is_alone) in planned.into_iter().zip(verdicts) {
        match is_alone {
            true => kept.push(own),
            false => result.leave(
                &own.address,
                "its document is also used by something that does not change in the same way",
            ),
        }
    }
    kept
}

impl Planned<'_> {
    /// What others can use too, by its name, and how often it is mentioned at all.
    fn source(&self, modules: &[Module]) -> Option<(String, usize)> {
        let folder = self.module.folder.display();
        match &self.change {
            Change::Encoded(..) => None,
            Change::DataSource(label, ..) => {
                let address = format!("data.aws_iam_policy_document.{label}");
                let count = mentions(std::slice::from_ref(self.module), &address);
                Some((format!("{folder} {address}"), count))
            }
            Change::Document { path, name, .. } => {
                Some((path.display().to_string(), mentions(modules, name)))
            }
        }
    }
}

/// How often a name stands in the text of modules, in comments too: what is counted too often is left alone.
fn mentions(modules: &[Module], name: &str) -> usize {
    let is_of_name = |own: char| own.is_alphanumeric() || matches!(own, '_' | '-');
    let files = modules.iter().flat_map(|module| &module.files);
    files
        .map(|file| {
            let found = file.text.match_indices(name);
            let whole = found.filter(|(at, _)| {
                let rest = file.text.get(at + name.len()..).unwrap_or_default();
                !rest.starts_with(is_of_name)
            });
            whole.count()
        })
        .sum()
}

/// Puts the changes of each file together.
fn write(planned: Vec<Planned<'_>>, result: &mut ExistingTerraform) {
    let mut files: BTreeMap<&Path, (&str, Edits, Vec<String>)> = BTreeMap::new();
    let mut documents: BTreeSet<(PathBuf, String, String)> = BTreeSet::new();
    for own in planned {
        let (place, edits) = match own.change {
            Change::Encoded(file, edits) | Change::DataSource(_, file, edits) => (file, edits),
            Change::Document { path, old, new, .. } => {
                documents.insert((path, old, new));
                result.changed += 1;
                continue;
            }
        };
        if let Some(file) = own.module.files.get(place) {
            let entry = files
                .entry(&file.path)
                .or_insert_with(|| (&file.text, Vec::new(), Vec::new()));
            entry.1.extend(edits);
            entry.2.push(own.address);
        }
    }
    for (path, (text, edits, addresses)) in files {
        let new = rewrite::applied(text, edits);
        match new.filter(|new| hcl_edit::parser::parse_body(new).is_ok()) {
            Some(new) => {
                result.patch.push_str(&patch(path, text, &new));
                result.changed += addresses.len();
            }
            None => {
                for address in addresses {
                    result.leave(&address, "the change cannot be written into its file");
                }
            }
        }
    }
    for (path, old, new) in documents {
        result.patch.push_str(&patch(&path, &old, &new));
    }
}

enum Change {
    /// Of the file of this place in the module, which alone has the document.
    Encoded(usize, Edits),
    /// The same of the data source of this label.
    DataSource(String, usize, Edits),
    /// Of a file with nothing but the document.
    Document {
        path: PathBuf,
        /// As the module names it.
        name: String,
        old: String,
        new: String,
    },
}

fn change(
    outcome: &Outcome,
    wanted: &BTreeSet<usize>,
    module: &Module,
    found: &Found<'_>,
    folder: &Path,
) -> Result<(Change, String), String> {
    let policies = || {
        found
            .places
            .iter()
            .filter_map(|place| outcome.policies.get(*place))
    };
    let Some(policy) = policies().next() else {
        return Err("it is not among the policies that change".to_owned());
    };
    let is_other = |own: &PolicyOutcome| own.new != policy.new || own.old != policy.old;
    if policies().any(is_other) || found.places.iter().any(|place| !wanted.contains(place)) {
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
    let text_of = |file: usize| module.files.get(file).map_or("", |file| file.text.as_str());
    let change = match &found.written {
        Written::Encoded(file, written) => {
            let edits = rewrite::statements(text_of(*file), written, policy, &old, &smaller)?;
            Change::Encoded(*file, edits)
        }
        Written::DataSource(label, file, written) => {
            let edits = rewrite::statements(text_of(*file), written, policy, &old, &smaller)?;
            Change::DataSource(label.clone(), *file, edits)
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
            let new = rewrite::document(&written, policy, &smaller);
            let new = rewrite::template(text_of(*file), span, &new, *is_heredoc)
                .ok_or("HCL would read the new document as something else")?;
            Change::Encoded(*file, vec![(span.clone(), new)])
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
            Change::Document {
                path,
                name: name.clone(),
                old: text,
                new,
            }
        }
        Written::Other(why) => return Err((*why).to_owned()),
    };
    Ok((change, new.clone()))
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
