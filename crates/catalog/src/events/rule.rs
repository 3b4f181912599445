//! How the resources of one type are told by a request's parameters.

use std::borrow::Cow;

use super::condition::Conditions;
use super::parameters::{Parameters, Path, Values};
use super::reading::{Read, Reading};
use super::template::{Place, Template};
use super::told::Told;
use super::whole::Whole;

/// A resource type of an action, and how it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypeRule {
    /// AWS's name of the type.
    pub(super) name: &'static str,
    pub(super) template: Template,
    pub(super) source: Source,
    pub(super) untold: Untold,
    /// Types of which one is enough.
    pub(super) alternatives: &'static [&'static str],
}

/// Where the ids of a type come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Only whole ARNs tell it.
    Arns,
    /// Nothing in the parameters tells it, not even an ARN.
    Never,
    /// These parameters hold its variables, one for each.
    Variables(Vec<Variable>, Conditions),
    /// A reader of its own makes whole ARNs.
    Whole(Whole, Vec<Path>),
    /// An IAM path, and the name below it.
    BelowPath(Path, Path),
    /// Ids of EC2, wherever they stand.
    Ec2Ids,
}

/// What it means that a request does not name a resource of this type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Untold {
    /// The call is about none.
    None,
    /// There is only one in each account and Region, and each call is about it.
    TheOnly,
    /// There is one that cannot be told, if the call names any resource at all.
    Unclear,
    /// It can be any, if the call names a resource of another type.
    AnyBesides,
    /// It can be any, if the conditions hold.
    Any(Conditions),
    /// It can be any, whatever the request names: what the call makes has no id before.
    Always,
}

/// The parameters that can hold a variable of an ARN format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) paths: Vec<Path>,
    pub(super) reading: Reading,
    /// What is meant where none of them is there.
    pub(super) default: Option<&'static str>,
}

impl TypeRule {
    /// What the parameters say of this type; ids of EC2 are found by [`super::ec2`].
    pub(super) fn told(&self, parameters: &Parameters<'_>, place: &Place<'_>) -> Told {
        let mut told = Told::default();
        match &self.source {
            Source::Arns | Source::Never | Source::Ec2Ids => {}
            Source::Variables(variables, conditions) => {
                if conditions.hold(parameters) {
                    self.fill(variables, parameters, place, &mut told);
                }
            }
            Source::Whole(whole, paths) => {
                whole.told(&self.template, paths, parameters, place, &mut told);
            }
            Source::BelowPath(path, name) => self.below(path, name, parameters, place, &mut told),
        }
        told
    }

    /// Values for each variable; at most one of them can have several, since which of two lists belong together is not said.
    fn fill(
        &self,
        variables: &[Variable],
        parameters: &Parameters<'_>,
        place: &Place<'_>,
        told: &mut Told,
    ) {
        let mut columns: Vec<Vec<Cow<'_, str>>> = Vec::with_capacity(variables.len());
        let mut is_unclear = false;
        let mut is_named = true;
        for variable in variables {
            let found = parameters.all(&variable.paths);
            let mut of_variable = Told::default();
            let mut column = self.column(variable, found, place, &mut of_variable);
            for arn in of_variable.arns.drain(..) {
                told.push(Some(arn));
            }
            if column.is_empty() && !of_variable.is_unclear {
                column.extend(variable.default.map(Cow::Borrowed));
                is_named &= !column.is_empty();
            }
            is_unclear |= of_variable.is_unclear;
            columns.push(column);
        }
        // A type of which the request leaves a part out is not named: a query of a table without an index.
        if !is_named {
            return;
        }
        told.is_unclear |= is_unclear;
        if columns.iter().any(Vec::is_empty) {
            return;
        }
        let longest = columns.iter().map(Vec::len).max().unwrap_or_default();
        if columns.iter().filter(|column| column.len() > 1).count() > 1 {
            told.is_unclear = true;
            return;
        }
        for number in 0..longest.max(1) {
            let values: Vec<&str> = columns
                .iter()
                .filter_map(|column| column.get(number).or_else(|| column.first()))
                .map(|value| &**value)
                .collect();
            told.push(self.template.filled(place, &values));
        }
    }

    /// The values of a variable. Whole ARNs of the type are told at once.
    fn column<'a>(
        &self,
        variable: &Variable,
        found: Values<'a>,
        place: &Place<'_>,
        told: &mut Told,
    ) -> Vec<Cow<'a, str>> {
        told.is_unclear |= found.is_unclear;
        let mut column = Vec::new();
        for text in found.texts {
            let is_arn = text.starts_with("arn:");
            if is_arn && self.template.fit(&text).is_some() {
                let arn = text.into_owned();
                if !told.arns.contains(&arn) {
                    told.push(Some(arn));
                }
                continue;
            }
            if is_arn && !matches!(variable.reading, Reading::Last | Reading::NotDefault) {
                // What the parameter means is of another type, or an alias for what it stands for.
                told.is_unclear |= self.template.is_of_service(&text);
                continue;
            }
            // What belongs to another account has its ARN there.
            if is_arn && !place.is_of(&text) {
                told.is_unclear = true;
                continue;
            }
            match variable.reading.read(text) {
                Read::Told(text) => column.push(text),
                Read::Unclear => told.is_unclear = true,
                Read::Other => {}
            }
        }
        column
    }

    fn below(
        &self,
        path: &Path,
        name: &Path,
        parameters: &Parameters<'_>,
        place: &Place<'_>,
        told: &mut Told,
    ) {
        let paths = parameters.all(std::slice::from_ref(path));
        let names = parameters.all(std::slice::from_ref(name));
        told.is_unclear |= paths.is_unclear || names.is_unclear;
        if told.is_unclear {
            return;
        }
        let path = match paths.texts.as_slice() {
            [] => "/",
            [path] => path,
            _ => "",
        };
        for name in names.texts {
            let is_right = path.starts_with('/')
                && path.ends_with('/')
                && !name.contains([':', '/'])
                && !path.contains(':');
            let value = path.get(1..).map(|path| format!("{path}{name}"));
            let arn = value.and_then(|value| self.template.filled(place, &[&value]));
            told.push(arn.filter(|_| is_right));
        }
    }
}
