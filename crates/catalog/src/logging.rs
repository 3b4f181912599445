//! How CloudTrail logs an action's calls: as management events, as data events, or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::{ActionInfo, Catalog, EventRequest};

/// When the lists of AWS were read that say which calls are data events.
pub const DATA_EVENTS_DATE: &str = "2026-09";

static DATA_EVENTS: &str = include_str!("../data/data-events.tsv");
static UNSEEN: &str = include_str!("../data/unseen-actions.tsv");

/// Permissions that calls need without an event of that name, and calls that CloudTrail does not log. `*` is all of a service.
///
/// Sources: IAM User Guide, "Grant permissions to pass a role"; CloudWatch Logs User Guide, "Logging API calls", which does
/// not list the calls on log events; CloudTrail User Guide, "Unsupported services"; API Gateway Developer Guide, "Log API calls
/// with CloudTrail", which are those that manage APIs. Of events that are put on a bus and of searches the
/// type of the data events is not confirmed, so that no selector proves them.
const NEVER: &[(&str, &str)] = &[
    ("iam", "passrole"),
    ("iam", "createservicelinkedrole"),
    ("logs", "putlogevents"),
    ("logs", "getlogevents"),
    ("logs", "filterlogevents"),
    ("logs", "getlogrecord"),
    ("importexport", "*"),
    ("events", "putevents"),
    ("cloudsearch", "document"),
    ("cloudsearch", "search"),
    ("cloudsearch", "suggest"),
    // Calls of deployed APIs and of their connections, and a header of calls that are data events.
    ("execute-api", "*"),
    ("s3", "bypassgovernanceretention"),
    // Calls on what a service holds, of which no list says that they are logged.
    ("lex", "posttext"),
    ("lex", "postcontent"),
    ("lex", "recognizetext"),
    ("lex", "recognizeutterance"),
    ("personalize", "getrecommendations"),
    ("personalize", "getpersonalizedranking"),
    ("forecast", "queryforecast"),
    ("forecast", "querywhatifforecast"),
    ("mediastore", "getobject"),
    ("mediastore", "putobject"),
    ("mediastore", "deleteobject"),
    ("mediastore", "describeobject"),
    ("mediastore", "listitems"),
    ("omics", "getreadset"),
    ("omics", "uploadreadsetpart"),
    ("omics", "getreference"),
    ("iot", "describejobexecution"),
    ("chime", "sendchannelmessage"),
    ("ivs", "putmetadata"),
    ("ivschat", "sendevent"),
    ("lakeformation", "gettableobjects"),
    ("lakeformation", "getworkunitresults"),
];

/// How an action's calls are logged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Logging {
    /// As management events, which every trail logs unless it is told not to.
    Management,
    /// As data events, which a trail logs only where it selects their resource types.
    Data {
        /// The types, any of which a call can be of.
        resource_types: Vec<&'static str>,
        /// Whether it is not told call by call, so that the action may be a management event as well.
        may_be_management: bool,
    },
    /// No event shows it.
    Never,
}

struct DataRow {
    patterns: Vec<String>,
    may_be_management: bool,
    types: Vec<&'static str>,
}

#[derive(Default)]
struct Lists {
    data: HashMap<&'static str, Vec<DataRow>>,
    unseen: HashMap<&'static str, HashSet<String>>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists = Lists::default();
        for line in lines(DATA_EVENTS) {
            let mut cells = line.split('\t');
            if let (Some(service), Some(patterns), Some(types)) =
                (cells.next(), cells.next(), cells.next())
            {
                lists.data.entry(service).or_default().push(DataRow {
                    may_be_management: patterns == "*" || cells.next() == Some("or management"),
                    patterns: patterns.split(' ').map(str::to_lowercase).collect(),
                    types: types.split(' ').collect(),
                });
            }
        }
        for (service, names) in lines(UNSEEN).filter_map(|line| line.split_once('\t')) {
            let names = names.split(' ').map(str::to_lowercase);
            lists.unseen.entry(service).or_default().extend(names);
        }
        lists
    })
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// How the calls of an action are logged. `service` and `name` are in lower case.
#[must_use]
pub fn logging_of(service: &str, name: &str) -> Logging {
    let lists = lists();
    let is_never = NEVER
        .iter()
        .any(|(own, pattern)| *own == service && matches(pattern, name));
    if is_never
        || lists
            .unseen
            .get(service)
            .is_some_and(|names| names.contains(name))
    {
        return Logging::Never;
    }
    let rows = lists
        .data
        .get(service)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut resource_types: Vec<&'static str> = Vec::new();
    let mut may_be_management = false;
    for row in rows {
        if row.patterns.iter().any(|pattern| matches(pattern, name)) {
            may_be_management |= row.may_be_management;
            resource_types.extend(&row.types);
        }
    }
    if resource_types.is_empty() {
        return Logging::Management;
    }
    resource_types.sort_unstable();
    resource_types.dedup();
    Logging::Data {
        resource_types,
        may_be_management,
    }
}

/// How the calls of an event are logged, by its source and name; nothing where that is not certain.
///
/// An event can need actions that are logged otherwise by themselves: a function's making reads its code from a bucket. The
/// action that is called like the event tells it, and without one all have to agree.
#[must_use]
pub fn logging_of_event(event_source: &str, event_name: &str) -> Option<(ActionInfo, Logging)> {
    let catalog = Catalog::get();
    let mut needs = Vec::new();
    let mapping = catalog.event(event_source, event_name);
    mapping.needs_into(&EventRequest::default(), &mut needs);
    let mut found: Option<(ActionInfo, Logging)> = None;
    let mut is_certain = true;
    for need in &needs {
        let Some(action) = catalog.action(&need.action) else {
            continue;
        };
        let logging = logging_of(action.service().prefix(), action.lower_name());
        if action.lower_name().eq_ignore_ascii_case(event_name) {
            return Some((action, logging)).filter(|(_, logging)| *logging != Logging::Never);
        }
        match &found {
            _ if logging == Logging::Never => {}
            None => found = Some((action, logging)),
            Some((_, other)) => is_certain &= *other == logging,
        }
    }
    found.filter(|_| is_certain)
}

/// Whether a text is of a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    rest.is_empty()
        || (0..=text.len()).any(|at| text.get(at..).is_some_and(|end| matches(rest, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_of_the_kind_of_the_action_that_it_is_called_like() {
        for (source, name, expected) in [
            ("s3", "GetObject", Some("data")),
            ("s3", "HeadObject", Some("data")),
            ("s3", "CopyObject", Some("data")),
            ("s3", "ListBuckets", Some("management")),
            // It writes into a bucket, and is a management event.
            ("cloudtrail", "CreateTrail", Some("management")),
            ("lambda", "Invoke", Some("data")),
            ("ec2", "RunInstances", Some("management")),
            ("sts", "GetCallerIdentity", None),
            ("ec2", "Conjure", None),
        ] {
            let found = logging_of_event(&format!("{source}.amazonaws.com"), name);
            let found = found.map(|(_, logging)| match logging {
                Logging::Management => "management",
                Logging::Data { .. } => "data",
                Logging::Never => "never",
            });
            assert_eq!(found, expected, "{source} {name}");
        }
    }

    #[test]
    fn the_lists_name_what_the_catalogue_knows() {
        let catalog = Catalog::get();
        for (service, rows) in &lists().data {
            assert!(catalog.service(service).is_some(), "{service}");
            assert!(
                rows.iter()
                    .all(|row| row.types.iter().all(|name| name.starts_with("AWS::")))
            );
        }
        let known = lists().unseen.iter().flat_map(|(service, names)| {
            names
                .iter()
                .filter(|name| catalog.action_of_lower(service, name).is_some())
        });
        let known = known.count();
        assert!((3000..5000).contains(&known), "{known}");
    }

    #[test]
    fn calls_are_of_one_kind() {
        for (service, name, expected) in [
            ("execute-api", "manageconnections", "never"),
            ("s3", "createbucket", "management"),
            ("s3", "listallmybuckets", "management"),
            ("s3", "getobject", "data"),
            ("s3", "listbucket", "data"),
            ("rds-data", "executestatement", "either"),
            ("lambda", "invokefunction", "data"),
            ("lambda", "createfunction", "management"),
            ("dynamodb", "getitem", "data"),
            ("dynamodb", "createtable", "management"),
            ("iam", "passrole", "never"),
            ("iam", "createuser", "management"),
            ("execute-api", "invoke", "never"),
            ("glue", "createtable", "either"),
            ("s3", "putbucketobjectlockconfiguration", "either"),
            ("lex", "posttext", "never"),
            ("s3", "bypassgovernanceretention", "never"),
            ("logs", "putlogevents", "never"),
            ("kms", "decrypt", "management"),
        ] {
            let found = match logging_of(service, name) {
                Logging::Management => "management",
                Logging::Never => "never",
                Logging::Data {
                    may_be_management: false,
                    ..
                } => "data",
                Logging::Data { .. } => "either",
            };
            assert_eq!(found, expected, "{service}:{name}");
        }
    }

    #[test]
    fn patterns_are_matched_whole() {
        for (pattern, text, expected) in [
            ("*object*", "getobjectacl", true),
            ("send*", "sendmessage", true),
            ("send*", "resend", false),
            ("*record", "putrecords", false),
            ("a", "ab", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
