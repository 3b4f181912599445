//! On what an action can be done at all: a right over a resource of another kind is none (Service Authorization Reference,
//! "Resource types").

use std::sync::LazyLock;

use leastgrant_catalog::Catalog;
use leastgrant_policy::principal::is_account_id;
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Action, Resource};

use super::actions::{ACTIONS, ActionId};
use crate::who_can::FRESH;

/// Actions of which the catalogue says less than AWS asks for: this kind too, whose role is what a call gives (AWS Systems Manager User
/// Guide, "Restricting access to Run Command based on tags"). The role of a managed instance is none that EC2 may assume.
const BESIDES: [(&str, &str, &str); 1] = [("ssm", "sendcommand", "instance/")];

/// The kinds of resources of one action.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    /// Whether AWS lists the action, so that its kinds are all that there are.
    is_known: bool,
    all: Vec<Kind>,
}

#[derive(Debug)]
pub(super) struct Kind {
    service: &'static str,
    /// What the resource part of its ARNs begins with.
    beginning: &'static str,
    /// Whether every call needs one.
    is_required: bool,
}

/// Of each action of the escalation sets.
static KINDS: LazyLock<Vec<Kinds>> = LazyLock::new(|| {
    ACTIONS
        .all
        .iter()
        .map(|own| Kinds::of_action(own))
        .collect()
});

impl Kinds {
    pub(super) fn of(action: ActionId) -> Option<&'static Self> {
        KINDS.get(action.0)
    }

    fn of_action(action: &Action) -> Self {
        let Some(known) = Catalog::get().known(action) else {
            return Self::default();
        };
        let is_besides = |kind: &str| {
            let mut besides = BESIDES.iter();
            besides.any(|own| *own == (action.service(), action.name(), kind))
        };
        let used = known.details().resources.iter();
        let kinds = used.filter_map(|used| {
            let [_, _, service, _, _, resource] = arn_fields(used.arn_format)?;
            let beginning = resource.split(['$', '*']).next().unwrap_or_default();
            Some(Kind {
                service,
                beginning,
                is_required: used.is_required || is_besides(beginning),
            })
        });
        Self {
            is_known: true,
            all: kinds.collect(),
        }
    }

    /// Those of which every call needs one.
    pub(super) fn required(&self) -> impl Iterator<Item = &Kind> {
        self.all.iter().filter(|kind| kind.is_required)
    }

    /// Whether the action can be done on a resource, perhaps a made-up one, of an account's own.
    pub(super) fn work_on(&self, resource: &Resource, account_id: &str) -> bool {
        let text = resource.as_str();
        if text == "*" || !self.is_known {
            return true;
        }
        // A function or an instance of another account gets no role of this one.
        let account = arn_fields(text).map(|[_, _, _, _, account, _]| account);
        let is_strange = |account: &str| is_account_id(account) && account != account_id;
        !account.is_some_and(is_strange) && self.all.iter().any(|kind| kind.fits(resource))
    }
}

impl Kind {
    /// Whether a resource, perhaps a made-up one, is of this kind.
    pub(super) fn fits(&self, resource: &Resource) -> bool {
        if resource.as_str() == "*" {
            return true;
        }
        let Some([_, _, service, _, _, rest]) = arn_fields(resource.as_str()) else {
            return false;
        };
        let is_open = |text: &str| text.contains(FRESH) || text.contains('$');
        if service != self.service && !is_open(service) && !is_open(self.service) {
            return false;
        }
        // What is made up may be anything from there on.
        let (given, is_made_up) = match rest.split_once(FRESH) {
            Some((given, _)) => (given, true),
            None => (rest, false),
        };
        // `?` is made up as `_`.
        let mut both = given.chars().zip(self.beginning.chars());
        both.all(|(own, kind)| own == kind || own == '_')
            && (is_made_up || given.len() >= self.beginning.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_of_a_kind_of_the_action() {
        let fits = |action: &str, resource: &str| {
            let kinds = Kinds::of_action(&Action::parse(action).unwrap());
            kinds.work_on(&Resource::parse(resource), "111122223333")
        };
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
        assert!(fits("lambda:UpdateFunctionCode", function));
        assert!(fits("lambda:UpdateFunctionCode", "*"));
        for made_up in ["fun", "function:", "functio_:", ""] {
            let resource = format!("arn:aws:lambda:{FRESH}:111122223333:{made_up}{FRESH}");
            assert!(fits("lambda:UpdateFunctionCode", &resource), "{resource}");
        }
        for other in [
            "arn:aws:s3:::bucket/key",
            "arn:aws:lambda:eu-west-1:111122223333:layer:l",
            "arn:aws:lambda:eu-west-1:999999999999:function:f",
            "arn:aws:lambda:eu-west-1:111122223333:fun",
        ] {
            assert!(!fits("lambda:UpdateFunctionCode", other), "{other}");
        }
        // It works on `*` only.
        assert!(!fits("s3:ListAllMyBuckets", "arn:aws:s3:::bucket"));
        assert!(fits("s3:ListAllMyBuckets", "*"));
        assert!(fits("nobody:KnowsThis", "arn:aws:s3:::bucket"));
    }
}
