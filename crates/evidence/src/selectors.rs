//! What a trail logs: the answer of cloudtrail:GetEventSelectors, with basic or advanced selectors.
//!
//! Source: CloudTrail API Reference, `EventSelector` and `AdvancedEventSelector`.

use leastgrant_catalog::{AccessLevel, ActionInfo, Catalog};
use serde::Deserialize;

/// One thing that a trail logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The resource type of data events; none for management events.
    pub(crate) resource_type: Option<String>,
    pub(crate) reads: bool,
    pub(crate) writes: bool,
    /// Event sources of management events that are left out.
    pub(crate) without_sources: Vec<String>,
    /// Whether it selects by something else too, such as ARNs or names of events: then it shows some events only.
    pub(crate) is_partial: bool,
}

/// Members that are not known could leave events out, so that only the answer's own may be others: then it is none.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    event_selectors: Option<Vec<Basic>>,
    advanced_event_selectors: Option<Vec<Advanced>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Basic {
    read_write_type: String,
    include_management_events: bool,
    data_resources: Vec<DataResource>,
    exclude_management_event_sources: Vec<String>,
}

impl Default for Basic {
    /// What holds for members that are left out.
    fn default() -> Self {
        Self {
            read_write_type: "All".to_owned(),
            include_management_events: true,
            data_resources: Vec::new(),
            exclude_management_event_sources: Vec::new(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct DataResource {
    r#type: String,
    values: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Advanced {
    #[serde(rename = "Name")]
    _name: Option<String>,
    field_selectors: Vec<Field>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Field {
    field: String,
    equals: Vec<String>,
    not_equals: Vec<String>,
    starts_with: Vec<String>,
    ends_with: Vec<String>,
    not_starts_with: Vec<String>,
    not_ends_with: Vec<String>,
}

/// What a trail logs that has no selectors of its own: all management events.
pub(crate) fn by_default() -> Vec<Selector> {
    vec![Selector {
        resource_type: None,
        reads: true,
        writes: true,
        without_sources: Vec::new(),
        is_partial: false,
    }]
}

/// Reads the answer; nothing if it is none, or has no member that is known.
pub(crate) fn of_json(text: &str) -> Option<Vec<Selector>> {
    let answer: Answer = serde_json::from_str(text).ok()?;
    if answer.event_selectors.is_none() && answer.advanced_event_selectors.is_none() {
        return None;
    }
    let basic = answer.event_selectors.into_iter().flatten();
    let basic = basic.flat_map(of_basic);
    let advanced = answer.advanced_event_selectors.iter().flatten();
    let advanced = advanced.flat_map(of_advanced);
    Some(basic.chain(advanced).collect())
}

fn of_basic(basic: Basic) -> Vec<Selector> {
    let reads = basic.read_write_type != "WriteOnly";
    let writes = basic.read_write_type != "ReadOnly";
    let management = basic.include_management_events.then_some(Selector {
        resource_type: None,
        reads,
        writes,
        without_sources: basic.exclude_management_event_sources,
        is_partial: false,
    });
    let data = basic.data_resources.into_iter().map(|resource| Selector {
        is_partial: !resource.values.iter().any(|value| is_everything(value)),
        resource_type: Some(resource.r#type),
        reads,
        writes,
        without_sources: Vec::new(),
    });
    management.into_iter().chain(data).collect()
}

/// Whether a value of a basic selector means all resources: `arn:aws:s3`, `arn:aws:s3:::`, `arn:aws:lambda`, `arn:aws:dynamodb`.
fn is_everything(value: &str) -> bool {
    let mut fields = value.split(':');
    let has_service = fields.nth(2).is_some_and(|service| !service.is_empty());
    has_service && fields.all(str::is_empty)
}

fn of_advanced(advanced: &Advanced) -> Vec<Selector> {
    let mut category = "";
    let mut types: Vec<&String> = Vec::new();
    let (mut reads, mut writes) = (true, true);
    let mut without_sources = Vec::new();
    let mut is_partial = false;
    for field in &advanced.field_selectors {
        let only_equals = field.not_equals.is_empty() && field.has_no_parts();
        match field.field.as_str() {
            "eventCategory" => category = field.equals.first().map_or("", String::as_str),
            "resources.type" => types.extend(&field.equals),
            "readOnly" if only_equals => {
                reads = field.equals.iter().any(|value| value == "true");
                writes = field.equals.iter().any(|value| value == "false");
            }
            "eventSource" if field.equals.is_empty() && field.has_no_parts() => {
                without_sources.extend(field.not_equals.iter().cloned());
            }
            _ => is_partial = true,
        }
    }
    let selector = |resource_type: Option<String>| Selector {
        resource_type,
        reads,
        writes,
        without_sources: without_sources.clone(),
        is_partial,
    };
    match category {
        "Management" => vec![selector(None)],
        "Data" => types
            .into_iter()
            .map(|name| selector(Some(name.clone())))
            .collect(),
        _ => Vec::new(),
    }
}

/// Words that names of calls begin with whose events are reads, and writes. An event's `readOnly` is not the action's access
/// level (`AssumeRole` and `kms:Decrypt` are reads), so both the level and the name have to say which it is.
const READING: &[&str] = &["get", "list", "describe", "head"];
const WRITING: &[&str] = &[
    "create",
    "delete",
    "put",
    "update",
    "modify",
    "attach",
    "detach",
    "remove",
    "add",
    "set",
    "tag",
    "untag",
    "start",
    "stop",
    "run",
    "terminate",
];

/// Whether events of a name, or of names that begin so, are reads, if that is certain. `name` is in lower case.
fn is_read(action: ActionInfo, name: &str) -> Option<bool> {
    let begins = |words: &[&str]| {
        let mut words = words.iter();
        words.any(|word| name.starts_with(word))
    };
    let reads = |level| matches!(level, AccessLevel::List | AccessLevel::Read);
    let levels = action.levels();
    if levels.iter().all(reads) && begins(READING) {
        Some(true)
    } else if !levels.iter().any(reads) && begins(WRITING) {
        Some(false)
    } else {
        None
    }
}

impl Selector {
    /// Whether it surely logs an action's calls, as reads or writes: those of its name, and events of other names that need it.
    /// `CopyObject` writes, and needs `s3:GetObject`.
    pub(crate) fn logs_kind_of(&self, action: ActionInfo) -> bool {
        let (service, name) = (action.service().prefix(), action.lower_name());
        let logs = |name: &str| match is_read(action, name) {
            Some(true) => self.reads,
            Some(false) => self.writes,
            None => self.reads && self.writes,
        };
        let catalog = Catalog::get();
        let mut others = catalog
            .other_events_that_need(&format!("{service}:{name}"))
            .iter();
        (self.reads && self.writes)
            || (logs(name) && others.all(|other| logs(&other.to_lowercase())))
    }

    /// Whether it can log an event that needs an action, as a read or write. `name` is the event's, in lower case.
    pub(crate) fn may_log_event(&self, action: ActionInfo, name: &str) -> bool {
        match is_read(action, name) {
            Some(true) => self.reads,
            Some(false) => self.writes,
            None => self.reads || self.writes,
        }
    }

    /// Whether a service's events may be among those that are left out. The sources have names of their own.
    pub(crate) fn may_leave_out(&self, service: &str) -> bool {
        let mut sources = self.without_sources.iter();
        sources.any(|source| match source.strip_suffix(".amazonaws.com") {
            Some("rdsdata") => service == "rds-data",
            Some(host) => host == service || Catalog::get().service(host).is_none(),
            None => true,
        })
    }

    /// Whether a service's events are surely among those that are left out.
    pub(crate) fn surely_leaves_out(&self, service: &str) -> bool {
        let mut sources = self.without_sources.iter();
        sources.any(|source| match source.strip_suffix(".amazonaws.com") {
            Some("rdsdata") => service == "rds-data",
            host => host == Some(service),
        })
    }
}

impl Field {
    fn has_no_parts(&self) -> bool {
        let parts = [
            &self.starts_with,
            &self.ends_with,
            &self.not_starts_with,
            &self.not_ends_with,
        ];
        parts.into_iter().all(Vec::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_selectors_log_management_events_unless_they_say_otherwise() {
        assert_eq!(of_json(r#"{"EventSelectors":[{}]}"#), Some(by_default()));
        let found = of_json(
            r#"{"EventSelectors":[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"DataResources":[
                {"Type":"AWS::S3::Object","Values":["arn:aws:s3"]},{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda:eu-west-1:111122223333:function:f"]},
                {"Type":"AWS::DynamoDB::Table","Values":[]}]}]}"#,
        )
        .unwrap();
        let brief: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.resource_type.as_deref().unwrap(),
                    one.reads,
                    one.writes,
                    one.is_partial,
                )
            })
            .collect();
        assert_eq!(
            brief,
            [
                ("AWS::S3::Object", false, true, false),
                ("AWS::Lambda::Function", false, true, true),
                ("AWS::DynamoDB::Table", false, true, true)
            ]
        );
        for (value, expected) in [
            ("arn:aws:s3", true),
            ("arn:aws:s3:::", true),
            ("arn:aws:s3:::bucket/", false),
            ("arn:aws:lambda", true),
            ("arn:aws", false),
            ("", false),
        ] {
            assert_eq!(is_everything(value), expected, "{value}");
        }
    }

    #[test]
    fn advanced_selectors_are_of_a_category_and_partial_by_any_other_field() {
        let found = of_json(
            r#"{"AdvancedEventSelectors":[
                {"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}]},
                {"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"readOnly","Equals":["false"]}]},
                {"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::SQS::Queue"]},{"Field":"resources.ARN","StartsWith":["arn:aws:sqs:eu-west-1"]}]},
                {"FieldSelectors":[{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["kms.amazonaws.com"]}]}]}"#,
        )
        .unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].without_sources, ["kms.amazonaws.com"]);
        assert_eq!(
            (found[0].reads, found[0].writes, found[0].is_partial),
            (true, true, false)
        );
        assert_eq!(
            (found[1].reads, found[1].writes, found[1].is_partial),
            (false, true, false)
        );
        assert!(found[2].is_partial);
        assert_eq!(of_json("7"), None);
        assert_eq!(of_json(r#"{"EventSelectors":[]}"#), Some(Vec::new()));
        for not_understood in [
            "{}",
            r#"{"eventSelectors":[{"readWriteType":"WriteOnly"}]}"#,
            r#"{"EventSelectors":[{"readWriteType":"WriteOnly"}]}"#,
            r#"{"AdvancedEventSelectors":[{"Name":"n","FieldSelectors":[{"Field":"readOnly","Matches":["x"]}]}]}"#,
        ] {
            assert_eq!(of_json(not_understood), None, "{not_understood}");
        }
    }
}
