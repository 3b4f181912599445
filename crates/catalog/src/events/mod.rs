//! From CloudTrail events to the permissions that they needed.
//!
//! An event is told by its source (`s3.amazonaws.com`) and its name (`GetObject`). [`Catalog::event`] finds once for
//! such a pair what its calls need; [`EventMapping::needs_into`] then tells it of one request, with the resources that it names.
//!
//! # What a resource is
//!
//! A full ARN where the record lists it, or where the parameters hold it or all ids that its ARN is made of. An ARN that names too
//! little becomes an outage, so that nothing is guessed: a value that is masked, cut short, a pattern or of another form than AWS
//! documents makes the resource empty. It stays empty, too, for
//!
//! - secrets by name, since an ARN ends in six signs that only AWS knows,
//! - users, groups, roles, policies and instance profiles by name, since their ARNs hold a path that the name does not tell. The calls
//!   that make them name the path;
//! - keys by alias, and all other resources whose ARN holds an id that the request does not.
//!
//! Ids are taken for resources of the account that received the record and of the Region that the call went to. What another
//! account shares, such as the subnets of a shared VPC, has an ARN of that account, and the request does not say so.
//!
//! Where a call makes something whose id does not exist before, or is about something that it does not name, EC2 checks all
//! resources of the type: `arn:aws:ec2:eu-west-1:111122223333:instance/*`. Elsewhere an empty resource beside others says that there is
//! one more, which cannot be told.
//!
//! # What is not told
//!
//! `iam:CreateServiceLinkedRole` is an event of its own, under the identity of the caller; that a call can need it says nothing of
//! whether it did.

mod condition;
mod ec2;
mod event;
mod gateway;
mod json;
mod making;
mod name;
mod narrowing;
mod needed;
mod parameters;
mod reading;
mod resources;
mod role;
mod rule;
mod tables;
mod template;
mod told;
mod whole;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

pub use narrowing::{
    ARN_BEGINNING, ESCAPED_SIGN, MemberUse, OMITTED, PASSED_BY, ReadMembers, SOURCE_END,
    WRAPPER_END, WRAPPERS, narrowed, read_members,
};

use crate::Catalog;
use leastgrant_policy::principal::is_account_id;
use needed::Needed;
use parameters::{Path, Unread};
use resources::Said;
use template::Place;

/// What the calls of one event source and name need. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMapping {
    status: MappingStatus,
    needed: Arc<[Needed]>,
    account: Option<Path>,
    reads_request: bool,
}

/// How much is known of the permissions of a kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingStatus {
    /// Calls need the actions that [`EventMapping::needs`] tells.
    Mapped,
    /// Calls need no permission of the caller.
    NeedsNothing,
    /// Nobody knows: no action is called so, in this service or in just one other.
    Unmapped,
}

/// The parts of a record that tell which resources a call was about.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventRequest<'a> {
    /// `awsRegion`.
    pub region: &'a str,
    /// `recipientAccountId`, else the caller's account: whose resources the ids in the parameters are taken for.
    pub account_id: &'a str,
    /// `requestParameters` as JSON text.
    pub parameters: Option<&'a str>,
    /// `resources`.
    pub resources: &'a [EventResource<'a>],
}

/// A resource that a record lists itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventResource<'a> {
    /// Its ARN.
    pub arn: Cow<'a, str>,
}

/// One permission that a call needed. Cheap to clone, unless its resource is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The action, such as `s3:ListAllMyBuckets`.
    pub action: Arc<str>,
    /// A full ARN, `*` for an action without resource types, or empty where it could not be told. For what does not exist before
    /// the call, and for what EC2 checks besides, the ARN of all resources of a type: it ends in `/*`.
    pub resource: Cow<'static, str>,
}

impl Catalog {
    /// What events of this source and name need. Case is ignored.
    #[must_use]
    pub fn event(&self, event_source: &str, event_name: &str) -> EventMapping {
        let found = name::found(self, event_source, event_name);
        EventMapping {
            status: found.status,
            reads_request: found.needed.iter().any(Needed::reads_request),
            needed: found.needed.into(),
            account: found.account,
        }
    }

    /// Names of events that need an action and are called otherwise; what `*` ends is the beginning of names. `action` is in
    /// lower case.
    #[must_use]
    pub fn other_events_that_need(&self, action: &str) -> &'static [&'static str] {
        static EVENTS: OnceLock<HashMap<String, Vec<&'static str>>> = OnceLock::new();
        let events = EVENTS.get_or_init(|| {
            let mut events: HashMap<String, Vec<&'static str>> = HashMap::new();
            for row in tables::actions(None) {
                let names = events.entry(row.action.to_lowercase()).or_default();
                names.push(row.event);
            }
            events
        });
        events.get(action).map(Vec::as_slice).unwrap_or_default()
    }

    /// The service prefixes that actions of events of this source can have; its own host is among them, whether it is one or not.
    #[must_use]
    pub fn prefixes_of_event_source(&self, event_source: &str) -> Vec<String> {
        let host = event_source.strip_suffix(".amazonaws.com");
        let prefixes = name::prefixes(self, host.unwrap_or(event_source));
        prefixes.into_iter().map(str::to_owned).collect()
    }
}

impl EventMapping {
    /// How much is known.
    #[must_use]
    pub fn status(&self) -> MappingStatus {
        self.status
    }

    /// Whether [`Self::needs_into`] looks at parameters or resources, so that two requests of one Region and account can differ.
    #[must_use]
    pub fn reads_request(&self) -> bool {
        self.reads_request
    }

    /// The permissions that a call needed, sorted, each once; what was in the list before is gone. Empty where it needs none or nobody
    /// knows.
    ///
    /// At most 1,000 resources of one action are told one by one; of more, the resource is empty.
    ///
    /// Tells whether the parameters were looked at. If not, another call that differs in nothing but these needs the same.
    pub fn needs_into(&self, request: &EventRequest<'_>, needs: &mut Vec<Need>) -> bool {
        needs.clear();
        let text = request.parameters.filter(|_| self.reads_request);
        let parameters = Unread::of(text);
        let own = self.account.as_ref().map(|path| {
            let mut found = parameters::Values::default();
            parameters.read().values(path, &mut found);
            found
        });
        let account = match own
            .as_ref()
            .map(|found| (found.texts.as_slice(), found.is_unclear))
        {
            None | Some(([], false)) => request.account_id,
            Some(([account], false)) if is_account_id(account) => account,
            // Another account that is not told: no ARN can be made.
            Some(_) => "",
        };
        let said = Said {
            parameters: &parameters,
            place: Place {
                region: request.region,
                account,
            },
            listed: request.resources,
        };
        for needed in self.needed.iter() {
            needed.tell(&said, needs);
        }
        if self.reads_request {
            needs.sort_unstable();
            needs.dedup();
        }
        parameters.is_read()
    }
}
