//! Policy documents: statements as constants with placeholders, filled in while they are written.
//!
//! Nothing is built per principal but a list of references, so an organisation of many thousand
//! principals costs little more than its output.

mod document;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod managed;
pub(crate) mod organisation;
mod placeholders;
pub(crate) mod themes;
pub(crate) mod trust;

pub(crate) use document::Document;
pub(crate) use groups::Group;
pub(crate) use managed::ManagedPolicy;
pub(crate) use placeholders::fill;

/// The version of the policy language that almost every policy has.
pub(crate) const VERSION: &str = "2012-10-17";

/// A list of actions or resources, or all but a list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choice {
    /// `Action` or `Resource`.
    These(&'static [&'static str]),
    /// `NotAction` or `NotResource`.
    AllBut(&'static [&'static str]),
}

/// One condition operator with its keys and their values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition {
    operator: &'static str,
    keys: &'static [(&'static str, &'static [&'static str])],
}

/// A statement whose texts have placeholders such as `{account}`.
#[derive(Debug)]
pub(crate) struct Statement {
    sid: &'static str,
    effect: &'static str,
    /// Whether the statement has `"Principal": "*"`, as resource control policies need it.
    anyone: bool,
    actions: Choice,
    resources: Choice,
    conditions: &'static [Condition],
}

/// A condition: `operator` on each of `keys`.
pub(crate) const fn condition(
    operator: &'static str,
    keys: &'static [(&'static str, &'static [&'static str])],
) -> Condition {
    Condition { operator, keys }
}

/// A statement that allows. An empty `sid` is none.
pub(crate) const fn allow(
    sid: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
) -> Statement {
    Statement {
        sid,
        effect: "Allow",
        anyone: false,
        actions: Choice::These(actions),
        resources: Choice::These(resources),
        conditions: &[],
    }
}

/// A statement that denies. An empty `sid` is none.
pub(crate) const fn deny(
    sid: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
) -> Statement {
    Statement {
        effect: "Deny",
        ..allow(sid, actions, resources)
    }
}

impl Statement {
    /// The same statement under conditions.
    pub(crate) const fn when(self, conditions: &'static [Condition]) -> Self {
        Self { conditions, ..self }
    }

    /// The same statement on all actions but its own.
    pub(crate) const fn on_all_other_actions(self) -> Self {
        match self.actions {
            Choice::These(list) | Choice::AllBut(list) => Self {
                actions: Choice::AllBut(list),
                ..self
            },
        }
    }

    /// The same statement on all resources but its own.
    pub(crate) const fn on_all_other_resources(self) -> Self {
        match self.resources {
            Choice::These(list) | Choice::AllBut(list) => Self {
                resources: Choice::AllBut(list),
                ..self
            },
        }
    }

    /// The same statement for every principal.
    pub(crate) const fn for_anyone(self) -> Self {
        Self {
            anyone: true,
            ..self
        }
    }

    /// The services that the statement allows something of; nothing for `*` and for exceptions.
    pub(crate) fn services(&self) -> impl Iterator<Item = &'static str> {
        let list = match (self.effect, self.actions) {
            ("Allow", Choice::These(list)) => list,
            _ => &[],
        };
        list.iter()
            .filter_map(|action| action.split_once(':'))
            .map(|(service, _)| service)
    }
}
