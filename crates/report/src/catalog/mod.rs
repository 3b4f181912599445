//! What the built-in catalogue knows: as text that fits a terminal, and as `leastgrant.catalog/1`.

mod json;
mod text;

use leastgrant_catalog::{ActionInfo, ActionSet, Service};

pub use json::{json, schema};
pub use text::text;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// Where the catalogue comes from.
    Version,
    /// A service.
    Service(&'static Service),
    /// An action.
    Action(ActionInfo),
    /// The actions that patterns match.
    Expansion(Expansion<'a>),
}

/// The actions that patterns match.
#[derive(Debug, Clone, Copy)]
pub struct Expansion<'a> {
    /// The patterns as they were written.
    pub patterns: &'a [String],
    /// Those that match no action of the catalogue.
    pub unmatched: &'a [String],
    /// What all of them match together.
    pub actions: &'a ActionSet,
}

/// The resource types' names, in which a required one is followed by `*`, as AWS marks them.
fn marked_resource_types(action: ActionInfo) -> String {
    let names: Vec<String> = action
        .details()
        .resources
        .iter()
        .map(|used| format!("{}{}", used.name, if used.is_required { "*" } else { "" }))
        .collect();
    names.join(", ")
}
