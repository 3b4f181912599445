//! What the catalogue says of what people ask about. An action that it does not know is kept, and named.

use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::compare::{Kind, Witness};
use leastgrant_policy::{Action, Policy, Resource};

use crate::printer::Printer;

/// So many actions of the catalogue are tried in the place of one that does not exist.
const MAX_TRIED: usize = 2_000;

/// Says that the catalogue does not know the action.
pub(crate) fn note_unknown(action: &Action, printer: &Printer) {
    let catalog = Catalog::get();
    if catalog.known(action).is_some() {
        return;
    }
    let nearest = catalog
        .suggest(action.as_str())
        .map(|nearest| format!(" (did you mean `{nearest}`?)"))
        .unwrap_or_default();
    printer.note(&format!(
        "the catalogue of {} does not know the action `{action}`{nearest}; it is matched by the policies' patterns like any other",
        catalog.version().date
    ));
}

/// Says which actions of a policy the catalogue does not know. `name` is that of its file.
pub(crate) fn note_unknown_in(policy: &Policy, name: &str, printer: &Printer) {
    let catalog = Catalog::get();
    let mut unknown: Vec<String> = policy
        .statements
        .iter()
        .flat_map(|statement| &statement.action.entries)
        .filter(|entry| match entry.is_plain() {
            true => catalog.action(entry.as_str()).is_none(),
            false => !entry.is_every() && catalog.expand(entry).is_empty(),
        })
        .map(|entry| format!("`{}`", entry.value))
        .collect();
    unknown.sort();
    unknown.dedup();
    if !unknown.is_empty() {
        printer.note(&format!(
            "`{name}`: the catalogue of {} knows no action of {}; they are compared as patterns like any other",
            catalog.version().date,
            unknown.join(", ")
        ));
    }
}

/// Whether AWS documents that requests may hold several values of a context key, given in lower case.
pub(crate) fn is_multivalued(lower_key: &str) -> Option<bool> {
    let catalog = Catalog::get();
    let (prefix, _) = lower_key.split_once(':')?;
    let of_service = catalog
        .service(prefix)
        .map(leastgrant_catalog::Service::condition_keys)
        .unwrap_or_default();
    let key = of_service
        .iter()
        .chain(catalog.global_condition_keys())
        .find(|key| is_name_of(key.name, lower_key))?;
    Some(key.is_multivalued)
}

/// Whether a documented name such as `aws:RequestTag/${TagKey}` or `s3:ExistingObjectTag/<key>` is that of the key.
fn is_name_of(name: &str, lower_key: &str) -> bool {
    let filled_in = name.find(['$', '<']);
    match filled_in.and_then(|at| name.get(..at)) {
        Some(start) => {
            lower_key.len() > start.len() && lower_key.starts_with(&start.to_ascii_lowercase())
        }
        None => name.eq_ignore_ascii_case(lower_key),
    }
}

/// The witness with an action and a resource as AWS has them, where such ones show the same.
pub(crate) fn plainer(witness: Witness, old: &Policy, new: &Policy, kind: Kind) -> Witness {
    let witness = with_known_action(witness, old, new, kind);
    with_known_resource(witness, old, new, kind)
}

fn with_known_action(witness: Witness, old: &Policy, new: &Policy, kind: Kind) -> Witness {
    let catalog = Catalog::get();
    let named = |name: String| Action::parse(&name);
    let known = catalog
        .known(&witness.action)
        .and_then(|info| named(info.to_string()));
    if let Some(action) = known {
        return Witness { action, ..witness };
    }
    let entries = new
        .statements
        .iter()
        .flat_map(|statement| &statement.action.entries)
        .filter(|entry| entry.matches(&witness.action));
    let mut set = ActionSet::new();
    for entry in entries {
        catalog.expand_into(entry, &mut set);
    }
    let mut tried = witness.clone();
    for info in catalog.actions_of(&set).take(MAX_TRIED) {
        let Some(action) = named(info.to_string()) else {
            continue;
        };
        tried.action = action;
        if tried.is_confirmed_by(&[old], &[new], kind) {
            return tried;
        }
    }
    witness
}

/// An ARN without a partition is none that AWS gives out.
fn with_known_resource(witness: Witness, old: &Policy, new: &Policy, kind: Kind) -> Witness {
    let is_plain = witness
        .resource
        .fields()
        .is_none_or(|[_, partition, ..]| !partition.is_empty());
    if is_plain {
        return witness;
    }
    let formats = Catalog::get()
        .known(&witness.action)
        .map(|info| info.details())
        .into_iter()
        .flat_map(|details| &*details.resources)
        .map(|resource| example(resource.arn_format));
    let mut tried = witness.clone();
    for text in formats.chain(["*".to_owned()]) {
        tried.resource = Resource::parse(&text);
        if tried.is_confirmed_by(&[old], &[new], kind) {
            return tried;
        }
    }
    witness
}

/// An ARN of this format: `arn:${Partition}:s3:::${BucketName}`.
fn example(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(match name {
            "Partition" => "aws",
            "Region" => "us-east-1",
            "Account" => "111122223333",
            _ => "example",
        });
        rest = after;
    }
    text + rest
}
