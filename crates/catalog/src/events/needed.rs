//! An action that calls can need, made once for a source and name, so that a request costs little.

use std::borrow::Cow;
use std::sync::Arc;

use crate::calls::Call;
use crate::{ActionInfo, ActionResource};

use super::Need;
use super::condition::Conditions;
use super::ec2;
use super::gateway::{self, Route};
use super::parameters::{Path, Values};
use super::reading::Reading;
use super::resources::{self, Said};
use super::role::Role;
use super::rule::{Source, Told, TypeRule, Untold, Variable};
use super::tables::{self, ResourceRow};
use super::template::Template;
use super::whole::Whole;

/// An action and when a call needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) action: Arc<str>,
    pub(super) when: Conditions,
    pub(super) what: What,
}

/// On what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The action has no resource types.
    Everything,
    /// Nothing tells.
    Untold,
    Types(Vec<TypeRule>),
    /// Roles that are passed.
    Roles(Template, Vec<Role>),
    /// API Gateway's paths.
    Routes(Vec<Route>),
    /// What EC2 makes and tags at once, by the resource types that the request names.
    TaggedTypes(Vec<TypeRule>, Vec<Path>),
}

/// A kind of event.
pub(super) struct Event<'a> {
    pub(super) prefix: &'a str,
    pub(super) name: &'a str,
    pub(super) call: &'a Call,
}

/// Actions whose required types are alternatives, though their documentation does not say so.
const ALTERNATIVES: [(&str, &str); 3] = [
    ("bedrock", "InvokeModel"),
    ("bedrock", "InvokeModelWithResponseStream"),
    ("states", "DescribeExecution"),
];

/// Services that keep names in small letters, however a request writes them; their ARNs hold what they keep.
const SMALL: [&str; 7] = [
    "dax",
    "elasticache",
    "imagebuilder",
    "memorydb",
    "rds",
    "redshift",
    "sagemaker",
];

/// How names of calls begin that make something new.
const MAKING: [&str; 6] = [
    "Create", "Copy", "Import", "Register", "Restore", "Allocate",
];

impl Needed {
    pub(super) fn of(action: ActionInfo, when: Conditions, event: &Event<'_>) -> Self {
        let types = &action.details().resources;
        let rules: Vec<TypeRule> = types
            .iter()
            .filter_map(|one| rule(action, one, event))
            .collect();
        let what = if types.is_empty() {
            What::Everything
        } else if rules.is_empty() {
            What::Untold
        } else {
            What::Types(rules)
        };
        Self {
            action: action.to_string().into(),
            when,
            what,
        }
    }

    /// What tagging needs in the call that makes what is tagged.
    ///
    /// Of a call that can be about several types it is not said which of them is tagged; then nothing tells the ARN.
    pub(super) fn of_tagging(
        action: ActionInfo,
        parameter: &'static str,
        event: &Event<'_>,
        own: Option<ActionInfo>,
    ) -> Self {
        let types = &action.details().resources;
        let name: Arc<str> = action.to_string().into();
        if event.prefix == "ec2" {
            let rules = types
                .iter()
                .filter_map(|one| rule(action, one, event))
                .collect();
            let paths = [
                "tagSpecificationSet",
                "tagSpecification",
                "tagSpecifications",
            ];
            let paths = paths.map(|path| Path::of(&format!("{path}.resourceType")));
            return Self {
                action: name,
                when: Conditions::default(),
                what: What::TaggedTypes(rules, paths.into()),
            };
        }
        let made = own.map(|own| own.details().resources.as_slice());
        let rules = match made {
            // A log group's ARN has another end where it is tagged.
            Some([only]) if event.prefix != "logs" => types
                .iter()
                .filter(|one| one.arn_format == only.arn_format)
                .filter_map(|_| rule(own?, only, event))
                .collect(),
            _ => Vec::new(),
        };
        let what = if types.is_empty() {
            What::Everything
        } else if rules.is_empty() {
            What::Untold
        } else {
            What::Types(rules)
        };
        Self {
            action: name,
            when: Conditions::of(parameter),
            what,
        }
    }

    pub(super) fn of_roles(action: ActionInfo, roles: Vec<Role>) -> Option<Self> {
        let format = action.details().resources.first()?.arn_format;
        Some(Self {
            action: action.to_string().into(),
            when: Conditions::default(),
            what: What::Roles(Template::of(format)?, roles),
        })
    }

    /// Whether two requests can need different things of it.
    pub(super) fn reads_request(&self) -> bool {
        !self.when.is_empty() || !matches!(self.what, What::Everything | What::Untold)
    }

    /// Adds what a request needs.
    pub(super) fn tell(&self, said: &Said<'_, '_>, needs: &mut Vec<Need>) {
        if !self.when.hold(said.parameters) {
            return;
        }
        let need = |resource: Cow<'static, str>| Need {
            action: Arc::clone(&self.action),
            resource,
        };
        match &self.what {
            What::Everything => needs.push(need(Cow::Borrowed("*"))),
            What::Untold => needs.push(need(Cow::Borrowed(""))),
            What::Types(rules) => {
                let arns = resources::of(rules, said);
                needs.extend(arns.into_iter().map(|arn| need(arn.into())));
            }
            What::Roles(template, roles) => {
                let mut told = Told::default();
                for role in roles {
                    role.told(template, said.parameters, &mut told);
                }
                if told.is_unclear {
                    told.arns.push(String::new());
                }
                needs.extend(told.arns.into_iter().map(|arn| need(arn.into())));
            }
            What::Routes(routes) => {
                let told = gateway::told(routes, said.parameters, &said.place);
                needs.extend(told.into_iter().map(|(action, arn)| Need {
                    action,
                    resource: arn.into(),
                }));
            }
            What::TaggedTypes(rules, paths) => {
                let found = said.parameters.all(paths);
                let arns = tagged(rules, &found, said);
                needs.extend(arns.into_iter().map(|arn| need(arn.into())));
            }
        }
    }
}

fn tagged(rules: &[TypeRule], found: &Values<'_>, said: &Said<'_, '_>) -> Vec<String> {
    let mut arns: Vec<String> = found
        .texts
        .iter()
        .map(|name| {
            let rule = rules.iter().find(|rule| rule.name == &**name);
            rule.and_then(|rule| rule.template.any(&said.place))
                .unwrap_or_default()
        })
        .collect();
    if found.is_unclear {
        arns.push(String::new());
    }
    arns
}

/// How a resource type of an action is told by events of this kind.
fn rule(action: ActionInfo, used: &ActionResource, event: &Event<'_>) -> Option<TypeRule> {
    let template = Template::of(used.arn_format)?;
    let is_own = action.service().prefix() == event.prefix;
    let rows = own_rows(action, used.name, event);
    let source = if is_own {
        source(&template, used.name, &rows, event)
    } else {
        Source::Arns
    };
    let untold = untold(action, used, &source, event);
    Some(TypeRule {
        name: used.name,
        template,
        source,
        untold,
    })
}

/// The rows of the table for a type, those for single events before those for all.
fn own_rows(action: ActionInfo, name: &str, event: &Event<'_>) -> Vec<ResourceRow> {
    let action = action.to_string();
    let mut rows: Vec<(usize, ResourceRow)> = tables::resources()
        .filter(|row| row.service == event.prefix && row.resource_type == name)
        .map(|row| (row.rank(event.name, &action), row))
        .filter(|(rank, row)| *rank > 0 && row.variable != "+")
        .collect();
    let best = rows.iter().map(|(rank, _)| *rank).max();
    rows.retain(|(rank, _)| Some(*rank) == best);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn source(template: &Template, name: &str, rows: &[ResourceRow], event: &Event<'_>) -> Source {
    if let [row] = rows
        && row.variable == "*"
    {
        let paths = row.parameters.split('|').map(Path::of);
        return match (row.reading, Whole::of(row.reading)) {
            ("below-path", _) => {
                let (path, name) = row.parameters.split_once('|').unwrap_or_default();
                Source::BelowPath(Path::of(path), Path::of(name))
            }
            (_, Some(whole)) => Source::Whole(whole, paths.collect()),
            _ => Source::Never,
        };
    }
    let mut conditions = Conditions::default();
    let by_rows: Option<Vec<Variable>> = template
        .variables()
        .iter()
        .map(|variable| {
            let row = rows.iter().find(|row| row.variable == *variable)?;
            let (paths, condition) = match row.parameters.split_once('&') {
                Some((paths, condition)) => (paths, condition),
                None => (row.parameters, "-"),
            };
            if condition != "-" {
                conditions = Conditions::of(condition);
            }
            let (paths, default) = match paths.split_once('?') {
                Some((paths, default)) => (paths, Some(default)),
                None => (paths, None),
            };
            Some(Variable {
                paths: paths.split('|').map(Path::of).collect(),
                reading: Reading::of(row.reading)?,
                default,
            })
        })
        .collect();
    if let Some(variables) = by_rows.filter(|_| !rows.is_empty()) {
        return Source::Variables(variables, conditions);
    }
    let known = event.call.types.iter().find(|(known, _)| *known == name);
    let by_call: Option<Vec<Variable>> = known.and_then(|(_, known)| {
        template
            .variables()
            .iter()
            .map(|variable| {
                let (_, paths) = known.iter().find(|(name, _)| name == variable)?;
                let is_small = SMALL.contains(&event.prefix);
                Some(Variable {
                    paths: paths.iter().copied().map(Path::of).collect(),
                    reading: if is_small {
                        Reading::Small
                    } else {
                        Reading::Id
                    },
                    default: None,
                })
            })
            .collect()
    });
    match by_call {
        Some(variables) => Source::Variables(variables, Conditions::default()),
        None if event.prefix == "ec2" && ec2::has_type(name) => Source::Ec2Ids,
        None => Source::Arns,
    }
}

fn untold(action: ActionInfo, used: &ActionResource, source: &Source, event: &Event<'_>) -> Untold {
    let is_alternative = ALTERNATIVES.contains(&(action.service().prefix(), action.name()))
        || letters(action.name()).contains("tag");
    if is_alternative {
        return Untold::None;
    }
    let full_name = action.to_string();
    let row = tables::resources().find(|row| {
        row.service == event.prefix
            && row.resource_type == used.name
            && row.variable == "+"
            && row.rank(event.name, &full_name) > 0
    });
    let makes = |beginning: &str| {
        let rest = event.name.get(beginning.len()..).unwrap_or_default();
        event.name.starts_with(beginning)
            && letters(rest).trim_end_matches('s') == letters(used.name)
    };
    let is_made = event.prefix == "ec2"
        && *source == Source::Ec2Ids
        && MAKING.iter().any(|beginning| makes(beginning));
    match row {
        _ if is_made => return Untold::Always,
        Some(row) if row.reading == "untold" => {
            return Untold::Any(Conditions::of(row.parameters));
        }
        Some(_) if event.name.starts_with("Create") => return Untold::AnyBesides,
        // Groups of parameters and the like, of which each database has one, named or not.
        Some(row)
            if row.reading == "besides"
                && ["Restore", "Modify"]
                    .iter()
                    .any(|beginning| event.name.starts_with(beginning)) =>
        {
            return Untold::AnyBesides;
        }
        _ => {}
    }
    if !used.is_required {
        Untold::None
    } else if event.prefix == "ec2" {
        Untold::AnyBesides
    } else {
        Untold::Unclear
    }
}

/// A name without case and signs.
fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_lowercase())
        .collect()
}
