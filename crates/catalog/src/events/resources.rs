//! The resources of one need: what the record lists, then what the parameters name, then what they leave open.

use super::EventResource;
use super::ec2::Ids;
use super::parameters::{MOST_VALUES, Parameters, Unread};
use super::rule::{Source, TypeRule, Untold};
use super::template::Place;
use super::told::Told;
use super::whole::Whole;

/// Parameters that hold ARNs of what a call lets in, and not of what it is about.
const NOT_OWN: [&str; 1] = ["sourcearn"];

/// The same of what is copied, for needs of what is made of it.
const COPY_SOURCE: &str = "x-amz-copy-source";

/// What a request says, read as far as somebody asked.
pub(super) struct Said<'a, 'b> {
    pub(super) parameters: &'b Unread<'a>,
    pub(super) place: Place<'b>,
    pub(super) listed: &'b [EventResource<'a>],
}

impl TypeRule {
    /// Whether the type is told by nothing but a reader of its own.
    fn is_alone(&self) -> bool {
        self.source == Source::Never || self.is_of_copy_source()
    }

    fn is_of_copy_source(&self) -> bool {
        matches!(self.source, Source::Whole(Whole::CopySource, _))
    }

    fn takes_arns(&self) -> bool {
        !matches!(self.source, Source::Never | Source::Whole(..))
    }
}

/// The ARNs of a need. An empty text stands for what cannot be told, and is not left out where something else can: a policy that
/// names only what is told would not allow the call.
pub(super) fn of(rules: &[TypeRule], said: &Said<'_, '_>) -> Vec<String> {
    let mut told = Told::default();
    let mut is_told = vec![false; rules.len()];
    for resource in said.listed {
        let is_known = assign(rules, &resource.arn, &mut is_told, |rule| !rule.is_alone());
        if is_known {
            told.push(Some(resource.arn.clone().into_owned()));
        } else if is_access_point(&resource.arn) {
            // A call through an access point is judged by the access point's ARN, and not by the bucket's alone.
            told.is_unclear = true;
        }
    }
    let leaves_open = |rule: &TypeRule| matches!(rule.untold, Untold::Always | Untold::TheOnly);
    if is_told.iter().all(|is_told| *is_told) && !rules.iter().any(leaves_open) {
        // Most calls are of this kind, those of KMS among them; their parameters need not be read.
        return in_order(told);
    }
    let parameters = said.parameters.read();
    let by_list = is_told.clone();
    if rules.iter().any(TypeRule::takes_arns) {
        let is_of_source = rules.iter().any(TypeRule::is_of_copy_source);
        for (name, arn) in parameters.arns() {
            if NOT_OWN.contains(&name.as_str()) || name == COPY_SOURCE && !is_of_source {
                continue;
            }
            let mut by_arn = vec![false; rules.len()];
            if assign(rules, &arn, &mut by_arn, TypeRule::takes_arns) && !both(&by_arn, &by_list) {
                told.push(Some(arn.into_owned()));
                for (is_told, by_arn) in is_told.iter_mut().zip(by_arn) {
                    *is_told |= by_arn;
                }
            }
        }
    }
    by_parameters(rules, said, &by_list, &mut is_told, &mut told);
    let has_the_only = rules.iter().any(|rule| rule.untold == Untold::TheOnly);
    let names_something = (has_the_only || !told.arns.is_empty()) && !told.is_unclear;
    if matches!(parameters, Parameters::Given(_)) {
        untold(rules, said, &is_told, names_something, &mut told);
    }
    for rule in rules.iter().filter(|rule| rule.untold == Untold::TheOnly) {
        told.push(rule.template.any(&said.place));
    }
    in_order(told)
}

fn is_access_point(arn: &str) -> bool {
    let mut fields = arn.splitn(6, ':');
    fields.nth(2) == Some("s3")
        && fields
            .nth(2)
            .is_some_and(|resource| resource.starts_with("accesspoint/"))
}

fn in_order(told: Told) -> Vec<String> {
    let mut arns = told.arns;
    if told.is_unclear || arns.is_empty() {
        if arns.len() >= MOST_VALUES {
            // The first of very many say nothing that the empty one does not.
            arns.clear();
        }
        arns.push(String::new());
    }
    arns.sort_unstable();
    arns.dedup();
    arns
}

/// Marks the types that an ARN fits best; whether there is one.
fn assign(
    rules: &[TypeRule],
    arn: &str,
    is_told: &mut [bool],
    is_meant: impl Fn(&TypeRule) -> bool,
) -> bool {
    let fits = |rule: &TypeRule| is_meant(rule).then(|| rule.template.fit(arn)).flatten();
    let Some(best) = rules.iter().filter_map(fits).max() else {
        return false;
    };
    for (rule, is_told) in rules.iter().zip(is_told) {
        *is_told |= fits(rule) == Some(best);
    }
    true
}

fn both(some: &[bool], others: &[bool]) -> bool {
    some.iter().zip(others).any(|(one, other)| *one && *other)
}

/// Types that the record does not list.
fn by_parameters(
    rules: &[TypeRule],
    said: &Said<'_, '_>,
    by_list: &[bool],
    is_told: &mut [bool],
    told: &mut Told,
) {
    let has_ids = rules.iter().any(|rule| rule.source == Source::Ec2Ids);
    let ids = has_ids.then(|| Ids::of(said.parameters.read()));
    told.is_unclear |= ids.as_ref().is_some_and(|ids| ids.is_unclear);
    for ((rule, by_list), is_told) in rules.iter().zip(by_list).zip(is_told) {
        if *by_list {
            continue;
        }
        let mut of_type = match &ids {
            Some(ids) if rule.source == Source::Ec2Ids => {
                let mut of_type = Told::default();
                for (_, id) in ids.all.iter().filter(|(name, _)| *name == rule.name) {
                    of_type.push(rule.template.filled(&said.place, &[id]));
                }
                of_type
            }
            _ => rule.told(said.parameters.read(), &said.place),
        };
        *is_told |= !of_type.is_empty();
        told.is_unclear |= of_type.is_unclear;
        for arn in of_type.arns.drain(..) {
            told.push(Some(arn));
        }
    }
}

/// Types of which the request says nothing though the call is about one.
fn untold(
    rules: &[TypeRule],
    said: &Said<'_, '_>,
    is_told: &[bool],
    names_something: bool,
    told: &mut Told,
) {
    for (rule, is_own_told) in rules.iter().zip(is_told) {
        let is_any = match &rule.untold {
            Untold::None | Untold::TheOnly => false,
            Untold::Always => true,
            _ if *is_own_told || is_alternative_told(rules, is_told, rule) => false,
            Untold::Unclear => {
                told.is_unclear |= names_something;
                false
            }
            Untold::AnyBesides => names_something,
            Untold::Any(conditions) => conditions.hold(said.parameters.read()),
        };
        if is_any {
            told.push(rule.template.any(&said.place));
        }
    }
}

/// Whether a type is told that a call can be about in the place of this one.
fn is_alternative_told(rules: &[TypeRule], is_told: &[bool], rule: &TypeRule) -> bool {
    let mut others = rules.iter().zip(is_told);
    others.any(|(other, is_told)| *is_told && rule.alternatives.contains(&other.name))
}
