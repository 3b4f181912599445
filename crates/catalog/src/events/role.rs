//! Roles that a call passes to a service: `iam:PassRole`, which no event of its own shows.

use super::parameters::{Parameters, Path, Values};
use super::template::Template;
use super::told::Told;

/// Where a call names the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// Its ARN; or its name, which does not tell the ARN: the role can have a path.
    Named(Path),
    /// Something that holds the role: a launch template, an instance profile.
    Behind(Path),
    /// A default, where this parameter is not there.
    Without(Path),
    /// Nowhere, though one is passed.
    Nowhere,
}

impl Role {
    /// Reads a table's cell.
    pub(super) fn of(text: &str) -> Self {
        match text.split_once(' ') {
            Some(("behind", path)) => Self::Behind(Path::of(path)),
            Some(("without", path)) => Self::Without(Path::of(path)),
            _ if text == "-" => Self::Nowhere,
            _ => Self::Named(Path::of(text)),
        }
    }

    /// The roles that a request names so. Nothing at all says that none is passed.
    pub(super) fn told(&self, template: &Template, parameters: &Parameters<'_>, told: &mut Told) {
        let mut found = Values::default();
        match self {
            Self::Nowhere => told.is_unclear = true,
            Self::Behind(path) | Self::Without(path) => {
                parameters.values(path, &mut found);
                told.is_unclear |= found.is_empty() == matches!(self, Self::Without(_));
            }
            Self::Named(path) => {
                parameters.values(path, &mut found);
                told.is_unclear |= found.is_unclear;
                for text in found.texts {
                    let is_role = text.contains(":role/") && template.fit(&text).is_some();
                    told.push(is_role.then(|| text.into_owned()));
                }
            }
        }
    }
}
