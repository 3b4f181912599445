//! From CloudTrail events to the permissions that they needed.
//!
//! An event is told by its source (`s3.amazonaws.com`) and its name (`GetObject`). [`Catalog::event`] finds once for
//! such a pair what its calls need; [`EventMapping::needs`] then tells it of one request, with the resources that its
//! parameters name.

mod names;

use std::borrow::Cow;
use std::sync::Arc;

use crate::{ActionInfo, Catalog};

/// What the calls of one event source and name need. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMapping {
    status: MappingStatus,
    /// Sorted.
    actions: Arc<[NeededAction]>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NeededAction {
    name: String,
    has_resource_types: bool,
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
    /// The account whose resources are meant where parameters give names only: `recipientAccountId`.
    pub account_id: &'a str,
    /// `requestParameters` as JSON text.
    pub parameters: Option<&'a str>,
    /// `resources`.
    pub resources: &'a [EventResource<'a>],
    /// `apiVersion`.
    pub api_version: Option<&'a str>,
}

/// A resource that a record lists itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventResource<'a> {
    /// Its ARN.
    pub arn: Cow<'a, str>,
    /// Its type, such as `AWS::S3::Object`.
    pub kind: Option<Cow<'a, str>>,
}

/// One permission that a call needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The action, such as `s3:ListAllMyBuckets`.
    pub action: Cow<'static, str>,
    /// A full ARN, `*` for an action without resource types, or empty where it could not be told.
    pub resource: String,
}

impl Catalog {
    /// What events of this source and name need. Case of the name is ignored.
    ///
    /// The name itself goes first, then the name without a version's date. An action that is called so and those that AWS
    /// asks for under another name are both needed: the tables of names age, and too much is the safe side. Where the source
    /// has no such action, the one service that has it is taken.
    #[must_use]
    pub fn event(&self, event_source: &str, event_name: &str) -> EventMapping {
        let host = event_source
            .strip_suffix(".amazonaws.com")
            .unwrap_or(event_source)
            .to_ascii_lowercase();
        let found = self.named_so(&host, event_name).or_else(|| {
            let stem = names::without_version(event_name).filter(|stem| !stem.is_empty())?;
            self.named_so(&host, stem)
        });
        found.unwrap_or_else(|| EventMapping {
            status: MappingStatus::Unmapped,
            actions: Arc::from([]),
        })
    }

    fn named_so(&self, host: &str, name: &str) -> Option<EventMapping> {
        let lower_name = name.to_ascii_lowercase();
        if names::needs_nothing(host, &lower_name) {
            return Some(EventMapping {
                status: MappingStatus::NeedsNothing,
                actions: Arc::from([]),
            });
        }
        let renames = names::renames(host, &lower_name);
        let mut actions: Vec<ActionInfo> = renames
            .iter()
            .filter_map(|action| self.action(action))
            .collect();
        let prefixes = names::prefixes(host);
        actions.extend(
            prefixes
                .iter()
                .find_map(|prefix| self.action_of_lower(prefix, &lower_name)),
        );
        // A source of a name that no service has.
        if actions.is_empty() && prefixes.iter().all(|prefix| self.service(prefix).is_none()) {
            let mut anywhere = self
                .services()
                .iter()
                .filter_map(|service| self.action_of_lower(service.prefix(), &lower_name));
            actions.extend(anywhere.next());
            if anywhere.next().is_some() {
                return None;
            }
        }
        let mut actions: Vec<NeededAction> = actions
            .into_iter()
            .map(|action| NeededAction {
                name: action.to_string(),
                has_resource_types: !action.details().resources.is_empty(),
            })
            .collect();
        actions.sort();
        actions.dedup();
        (!actions.is_empty()).then(|| EventMapping {
            status: MappingStatus::Mapped,
            actions: actions.into(),
        })
    }
}

impl EventMapping {
    /// How much is known.
    #[must_use]
    pub fn status(&self) -> MappingStatus {
        self.status
    }

    /// Whether [`Self::needs`] looks at parameters or resources, so that two requests of one Region and account can differ.
    #[must_use]
    pub fn reads_request(&self) -> bool {
        self.actions.iter().any(|action| action.has_resource_types)
    }

    /// The permissions that a call needed, sorted, each once. Empty where it needs none or nobody knows.
    ///
    /// Resources are those that the record lists itself, where a policy could name them for the action.
    #[must_use]
    pub fn needs(&self, request: &EventRequest<'_>) -> Vec<Need> {
        let mut needs = Vec::with_capacity(self.actions.len());
        for action in &*self.actions {
            let need = |resource: &str| Need {
                action: action.name.clone().into(),
                resource: resource.to_owned(),
            };
            if !action.has_resource_types {
                needs.push(need("*"));
                continue;
            }
            let before = needs.len();
            let listed = request.resources.iter();
            needs.extend(
                listed
                    .filter(|resource| resource.fits(&action.name))
                    .map(|resource| need(&resource.arn)),
            );
            if needs.len() == before {
                needs.push(need(""));
            }
        }
        needs.sort();
        needs.dedup();
        needs
    }
}

impl EventResource<'_> {
    /// Whether it is an ARN of a resource type of the action, and one that a policy could hold as it is.
    fn fits(&self, action: &str) -> bool {
        const LONGEST: usize = 2048;
        let is_plain =
            |character: char| !character.is_control() && !matches!(character, '*' | '?' | '$');
        self.arn.len() <= LONGEST
            && self.arn.chars().all(is_plain)
            && Catalog::get().action(action).is_some_and(|action| {
                let details = action.details();
                details
                    .resources
                    .iter()
                    .any(|used| has_form(&self.arn, used.arn_format))
            })
    }
}

/// Whether an ARN has the form of `arn:${Partition}:s3:::${BucketName}/${ObjectName}`: the same service, and in the last part
/// as many and the same words between `/` and `:` as far as the form has words. A variable at the end may hold more parts.
fn has_form(arn: &str, format: &str) -> bool {
    let fields = |text: &str| -> Option<(String, String)> {
        let mut fields = text.splitn(6, ':');
        let begins_so = fields.next() == Some("arn");
        let service = fields.nth(1)?.to_owned();
        let rest = fields.nth(2)?.to_owned();
        begins_so.then_some((service, rest))
    };
    let (Some((service, rest)), Some((own_service, own_rest))) = (fields(arn), fields(format))
    else {
        return false;
    };
    let separators = ['/', ':'];
    let own_parts: Vec<&str> = own_rest.split(separators).collect();
    let parts: Vec<&str> = rest.splitn(own_parts.len(), separators).collect();
    let fits =
        |(part, own): (&&str, &&str)| !part.is_empty() && (own.contains("${") || part == own);
    service == own_service
        && parts.len() == own_parts.len()
        && parts.iter().zip(&own_parts).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(source: &str, name: &str) -> Vec<String> {
        let mapping = Catalog::get().event(source, name);
        let needs = mapping.needs(&EventRequest::default());
        needs
            .into_iter()
            .map(|need| need.action.into_owned())
            .collect()
    }

    #[test]
    fn the_name_itself_goes_before_a_rename() {
        assert_eq!(
            actions("s3.amazonaws.com", "ListBuckets"),
            ["s3:ListAllMyBuckets"]
        );
        assert_eq!(
            actions("lambda.amazonaws.com", "GetFunction20150331v2"),
            ["lambda:GetFunction"]
        );
        assert_eq!(
            actions("monitoring.amazonaws.com", "DescribeAlarms"),
            ["cloudwatch:DescribeAlarms"]
        );
        assert_eq!(
            actions("kafka.amazonaws.com", "CreateClusterV2"),
            ["kafka:CreateClusterV2"]
        );
        assert_eq!(
            actions("rds.amazonaws.com", "RestoreDbClusterFromS3"),
            ["rds:RestoreDBClusterFromS3"]
        );
        assert_eq!(
            actions("kms.amazonaws.com", "ReEncrypt"),
            ["kms:ReEncryptFrom", "kms:ReEncryptTo"]
        );
        assert_eq!(
            Catalog::get()
                .event("sts.amazonaws.com", "GetCallerIdentity")
                .status(),
            MappingStatus::NeedsNothing
        );
        assert_eq!(
            Catalog::get()
                .event("s3.amazonaws.com", "Frobnicate")
                .status(),
            MappingStatus::Unmapped
        );
    }

    #[test]
    fn names_that_end_in_digits_are_whole() {
        for action in Catalog::get().actions() {
            let name = action.to_string();
            let (prefix, own) = name.split_once(':').unwrap();
            if own.ends_with(|letter: char| letter.is_ascii_digit()) {
                let mapping = Catalog::get().event(&format!("{prefix}.amazonaws.com"), own);
                let has_it = mapping.actions.iter().any(|needed| needed.name == name);
                assert!(
                    has_it
                        || mapping.status() == MappingStatus::NeedsNothing
                        || names::prefixes(prefix) != [prefix],
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn listed_resources_count_where_they_are_of_a_type_of_the_action() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234";
        let resources = [
            key,
            "arn:aws:s3:::bucket",
            "arn:aws:kms:eu-west-1:111122223333:key/*",
        ]
        .map(|arn| EventResource {
            arn: arn.into(),
            kind: None,
        });
        let request = EventRequest {
            resources: &resources,
            ..EventRequest::default()
        };
        let needs = Catalog::get()
            .event("kms.amazonaws.com", "Decrypt")
            .needs(&request);
        assert_eq!(
            needs.iter().map(|need| &*need.resource).collect::<Vec<_>>(),
            [key]
        );
        let object = "arn:aws:s3:::bucket/a/b";
        assert!(has_form(
            object,
            "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
        ));
        assert!(!has_form(
            "arn:aws:s3:::bucket",
            "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
        ));
    }
}
