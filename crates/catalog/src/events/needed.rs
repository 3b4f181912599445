//! An action that calls can need, made once for a source and name, so that a request costs little.

use std::borrow::Cow;
use std::sync::Arc;

use crate::ActionInfo;

use super::Need;
use super::condition::Conditions;
use super::event::Event;
use super::gateway::{self, Route};
use super::making::rule;
use super::parameters::{Path, Values};
use super::resources::{self, Said};
use super::role::Role;
use super::rule::TypeRule;
use super::template::Template;
use super::told::Told;

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

impl What {
    fn of(has_no_types: bool, rules: Vec<TypeRule>) -> Self {
        if has_no_types {
            Self::Everything
        } else if rules.is_empty() {
            Self::Untold
        } else {
            Self::Types(rules)
        }
    }
}

impl Needed {
    pub(super) fn of(action: ActionInfo, when: Conditions, event: &Event<'_>) -> Self {
        let types = &action.details().resources;
        let rules: Vec<TypeRule> = types
            .iter()
            .filter_map(|one| rule(action, one, event))
            .collect();
        Self {
            action: action.to_string().into(),
            when,
            what: What::of(types.is_empty(), rules),
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
        let made = own.map(|own| &*own.details().resources);
        let rules = match made {
            // A log group's ARN has another end where it is tagged.
            Some([only]) if event.prefix != "logs" => types
                .iter()
                .filter(|one| one.arn_format == only.arn_format)
                .filter_map(|_| rule(own?, only, event))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            action: name,
            when: Conditions::of(parameter),
            what: What::of(types.is_empty(), rules),
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
        if !self.when.is_empty() && !self.when.hold(said.parameters.read()) {
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
                    role.told(template, said.parameters.read(), &mut told);
                }
                if told.is_unclear {
                    told.arns.push(String::new());
                }
                needs.extend(told.arns.into_iter().map(|arn| need(arn.into())));
            }
            What::Routes(routes) => {
                let told = gateway::told(routes, said.parameters.read(), &said.place);
                needs.extend(told.into_iter().map(|(action, arn)| Need {
                    action,
                    resource: arn.into(),
                }));
            }
            What::TaggedTypes(rules, paths) => {
                let found = said.parameters.read().all(paths);
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
