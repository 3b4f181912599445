//! Sets of actions with which a principal can gain more rights than it was given, as data.

mod live;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use leastgrant_policy::Action;

static TABLE: &str = include_str!("../../data/escalation-sets.tsv");

/// What a set acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EscalationTarget {
    /// A role that is handed over to a service that it trusts.
    PassedRole,
    /// A resource that has a role.
    RoleOfResource,
    /// Another user.
    User,
    /// Another role.
    Role,
    /// Another role, by a customer-managed policy that is attached to it.
    RolePolicy,
    /// A group that can be joined.
    Group,
    /// A group that the caller is in.
    OwnGroup,
    /// The caller.
    Caller,
    /// A customer-managed policy that the caller has.
    OwnPolicy,
    /// A role that a service makes.
    ServiceRole,
    /// The caller's permissions boundary.
    OwnBoundary,
    /// A user or role that is not there yet.
    NewPrincipal,
}

/// When a set ends in administrator rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Administrator {
    /// Always.
    Always,
    /// If the target has them.
    IfTargetIs,
    /// If a managed policy with them can be attached.
    IfAttachable,
    /// If the group has them.
    IfGroupIs,
    /// If an older version of the policy grants them.
    IfOlderVersion,
    /// If the caller has them, or can get them, once what limits it is gone.
    IfRaised,
    /// Not established.
    Unknown,
}

/// One set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationSet {
    /// Its name, such as `iam-001`.
    pub name: &'static str,
    /// `self-escalation`, `principal-access`, `new-passrole`, `existing-passrole` or `service`.
    pub kind: &'static str,
    /// What it acts on.
    pub target: EscalationTarget,
    /// All of these are needed.
    pub actions: Vec<Action>,
    /// Places in `actions` of those that act on one and the same target.
    pub same_target: Vec<usize>,
    /// Services one of which the passed role, or the role of the resource, must trust.
    pub trusted_services: Vec<&'static str>,
    /// Whether the passed role must be in an instance profile.
    pub needs_instance_profile: bool,
    /// `user` or `role`, where only one of them can.
    pub caller: Option<&'static str>,
    /// When it ends in administrator rights.
    pub administrator: Administrator,
}

/// All sets, sorted by name.
#[must_use]
pub fn escalation_sets() -> &'static [EscalationSet] {
    static SETS: LazyLock<Vec<EscalationSet>> = LazyLock::new(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(read).collect()
    });
    &SETS
}

/// A line of the table; a test holds that each is read.
fn read(line: &'static str) -> Option<EscalationSet> {
    let columns: Vec<&'static str> = line.split('\t').collect();
    let [
        name,
        kind,
        target,
        actions,
        same,
        trusted,
        caller,
        administrator,
    ] = columns.as_slice()
    else {
        return None;
    };
    let words = |column: &'static str| column.split(' ').filter(|word| *word != "-");
    let names: Vec<&str> = words(actions).collect();
    Some(EscalationSet {
        name,
        kind,
        target: match *target {
            "passed-role" => EscalationTarget::PassedRole,
            "role-of-resource" => EscalationTarget::RoleOfResource,
            "user" => EscalationTarget::User,
            "role" => EscalationTarget::Role,
            "role-policy" => EscalationTarget::RolePolicy,
            "group" => EscalationTarget::Group,
            "own-group" => EscalationTarget::OwnGroup,
            "self" => EscalationTarget::Caller,
            "own-policy" => EscalationTarget::OwnPolicy,
            "service-role" => EscalationTarget::ServiceRole,
            "own-boundary" => EscalationTarget::OwnBoundary,
            "new-principal" => EscalationTarget::NewPrincipal,
            _ => return None,
        },
        actions: names
            .iter()
            .map(|name| Action::parse(name))
            .collect::<Option<_>>()?,
        same_target: words(same)
            .map(|own| names.iter().position(|name| *name == own))
            .collect::<Option<_>>()?,
        trusted_services: words(trusted).filter(|word| *word != "+profile").collect(),
        needs_instance_profile: words(trusted).any(|word| word == "+profile"),
        caller: words(caller).next(),
        administrator: match *administrator {
            "always" => Administrator::Always,
            "target" => Administrator::IfTargetIs,
            "attach" => Administrator::IfAttachable,
            "group" => Administrator::IfGroupIs,
            "version" => Administrator::IfOlderVersion,
            "raised" => Administrator::IfRaised,
            "unknown" => Administrator::Unknown,
            _ => return None,
        },
    })
}
