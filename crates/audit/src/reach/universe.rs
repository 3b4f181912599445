//! Every action of the catalogue on every kind of resource that it works on: what can be asked of a principal.
//!
//! A kind of resource is asked about by one made-up resource of it, which stands in no policy: what matches it matches any.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use leastgrant_catalog::{ActionId, ActionInfo, ActionSet, Catalog};
use leastgrant_policy::Resource;

use super::bits::BitSet;

/// Stands for a part of an ARN that the format leaves open. No policy has it, and none that asks for a beginning or an end
/// matches it by chance: the characters are of a private use area of Unicode.
const ANY: &str = "\u{e000}\u{e001}\u{e002}\u{e003}\u{e004}\u{e005}\u{e006}\u{e007}\u{e008}\u{e009}\u{e00a}\u{e00b}";

/// The format of actions that work on no resource: a request of them names `*`.
const NO_RESOURCE: &str = "*";

/// One action on one kind of resource.
#[derive(Debug, Clone, Copy)]
struct Target {
    action: ActionId,
    /// Which format.
    format: usize,
    /// Whether every use of the action needs a resource of this kind.
    is_required: bool,
}

/// All of them. There is one, and it never changes: [`Universe::get`].
#[derive(Debug)]
pub(crate) struct Universe {
    /// In the order of the actions.
    targets: Vec<Target>,
    /// By the number of the action.
    of_action: Vec<Range<usize>>,
    /// What ARNs look like, each once.
    formats: Vec<&'static str>,
    /// Actions that a policy can limit to some resources of a kind.
    limitable: ActionSet,
}

impl Universe {
    pub(crate) fn get() -> &'static Self {
        static UNIVERSE: OnceLock<Universe> = OnceLock::new();
        UNIVERSE.get_or_init(Self::of_catalog)
    }

    fn of_catalog() -> Self {
        let catalog = Catalog::get();
        let mut universe = Self {
            targets: Vec::with_capacity(2 * catalog.len()),
            of_action: Vec::with_capacity(catalog.len()),
            formats: vec![NO_RESOURCE],
            limitable: ActionSet::new(),
        };
        // Of each format its number, and whether an account can have several resources of it.
        let mut known: HashMap<&'static str, (usize, bool)> =
            HashMap::from([(NO_RESOURCE, (0, is_of_many(NO_RESOURCE)))]);
        for action in catalog.actions() {
            let start = universe.targets.len();
            let resources = &*action.details().resources;
            for used in resources {
                let (format, is_of_many) = *known.entry(used.arn_format).or_insert_with(|| {
                    universe.formats.push(used.arn_format);
                    (universe.formats.len() - 1, is_of_many(used.arn_format))
                });
                if is_of_many {
                    universe.limitable.insert(action.id());
                }
                universe.targets.push(Target {
                    action: action.id(),
                    format,
                    is_required: used.is_required,
                });
            }
            if resources.is_empty() {
                universe.targets.push(Target {
                    action: action.id(),
                    format: 0,
                    is_required: true,
                });
            }
            universe.of_action.push(start..universe.targets.len());
        }
        universe
    }

    /// How many targets there are.
    pub(crate) fn len(&self) -> usize {
        self.targets.len()
    }

    /// Actions that a policy can limit to some resources of a kind; the others are on `*`, or on the one that an account has.
    pub(crate) fn limitable(&self) -> &ActionSet {
        &self.limitable
    }

    /// The numbers of an action's targets, and the formats of their resources.
    pub(crate) fn targets_of(
        &self,
        action: ActionId,
    ) -> impl Iterator<Item = (usize, usize)> + use<'_> {
        let range = self.of_action.get(action.number()).cloned();
        range.into_iter().flatten().filter_map(|number| {
            let target = self.targets.get(number)?;
            Some((number, target.format))
        })
    }

    /// The numbers of the targets of actions that follow each other.
    pub(crate) fn targets_between(&self, actions: &Range<usize>) -> Range<usize> {
        let own = self.of_action.get(actions.clone()).unwrap_or_default();
        let start = own.first().map_or(0, |first| first.start);
        start..own.last().map_or(start, |last| last.end)
    }

    /// The actions of which all that they need is in a set of targets: each kind of resource that every use needs, or one of
    /// them if none is needed always.
    pub(crate) fn actions_within(&self, targets: &BitSet) -> ActionSet {
        let mut actions = ActionSet::new();
        let action_at = |number: usize| self.targets.get(number).map(|target| target.action);
        for run in targets.runs() {
            let ends = action_at(run.start).zip(action_at(run.end - 1));
            let Some((first, last)) = ends else {
                continue;
            };
            // Of those in between the run has all targets.
            actions.insert_range(&(first.number() + 1..last.number().max(first.number() + 1)));
            for action in [first, last] {
                if !self.lacks_any(action, targets) {
                    actions.insert(action);
                }
            }
        }
        actions
    }

    /// Whether a kind of resource that every use of an action needs is not in a set of targets.
    fn lacks_any(&self, action: ActionId, targets: &BitSet) -> bool {
        let own = self.of_action.get(action.number()).cloned();
        own.into_iter().flatten().any(|number| {
            let target = self.targets.get(number);
            target.is_some_and(|target| target.is_required) && !targets.contains(number)
        })
    }

    /// Resources of an account that stand for each format, in their order.
    pub(crate) fn resources(&self, partition: &str, account_id: &str) -> Vec<Resource> {
        let formats = self.formats.iter();
        formats
            .map(|format| Resource::parse(&made_up(format, partition, account_id)))
            .collect()
    }

    /// The resources that stand for what an action needs.
    pub(crate) fn resources_of(
        &self,
        action: ActionInfo,
        partition: &str,
        account_id: &str,
    ) -> Vec<Resource> {
        let range = self.of_action.get(action.id().number()).cloned();
        let own = range.into_iter().flatten();
        let targets: Vec<&Target> = own.filter_map(|number| self.targets.get(number)).collect();
        let needs_one = targets.iter().any(|target| target.is_required);
        let needed = targets.iter().filter(|own| own.is_required || !needs_one);
        needed
            .filter_map(|target| self.formats.get(target.format))
            .map(|format| Resource::parse(&made_up(format, partition, account_id)))
            .collect()
    }
}

/// Whether an account can have several resources of a format: something beside partition, Region and account is left open.
fn is_of_many(format: &str) -> bool {
    let mut rest = format;
    while let Some((_, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if !matches!(name, "Partition" | "Region" | "Account") {
            return true;
        }
        rest = after;
    }
    rest.contains('*')
}

/// A resource of a format that no policy names.
fn made_up(format: &str, partition: &str, account_id: &str) -> String {
    if format == NO_RESOURCE {
        return format.to_owned();
    }
    let mut text = String::with_capacity(format.len() + ANY.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(&before.replace('*', ANY));
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(match name {
            "Partition" => partition,
            "Account" => account_id,
            _ => ANY,
        });
        rest = after;
    }
    text.push_str(&rest.replace('*', ANY));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_resource_has_the_form_of_its_kind_and_stands_in_no_policy() {
        assert_eq!(
            made_up(
                "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}",
                "aws-cn",
                "111122223333"
            ),
            format!("arn:aws-cn:sqs:{ANY}:111122223333:{ANY}")
        );
        assert_eq!(made_up("*", "aws", "111122223333"), "*");
    }

    #[test]
    fn what_an_account_has_one_of_cannot_be_limited() {
        let universe = Universe::get();
        let is_limitable = |action: &str| {
            let action = Catalog::get().action(action).unwrap();
            universe.limitable().contains(action.id())
        };
        assert!(is_limitable("s3:PutObject"));
        assert!(is_limitable("iam:PassRole"));
        assert!(!is_limitable("s3:ListAllMyBuckets"));
        assert!(!is_limitable("ecr:GetAuthorizationToken"));
    }

    #[test]
    fn an_action_is_within_if_all_that_it_always_needs_is() {
        let universe = Universe::get();
        let run = Catalog::get().action("ec2:RunInstances").unwrap();
        let targets: Vec<(usize, usize)> = universe.targets_of(run.id()).collect();
        let required: Vec<usize> = targets
            .iter()
            .map(|(number, _)| *number)
            .filter(|number| universe.targets[*number].is_required)
            .collect();
        assert!(required.len() > 1, "{}", targets.len());
        let within = |numbers: &[usize]| {
            let mut set = BitSet::new(universe.len());
            for number in numbers {
                set.insert(*number);
            }
            universe.actions_within(&set).contains(run.id())
        };
        assert!(within(&required));
        assert!(!within(&required[1..]));
    }

    /// The obvious twin: each action is asked by itself.
    fn within_by_asking_each(targets: &BitSet) -> ActionSet {
        let universe = Universe::get();
        let is_within = |action: &ActionId| {
            let has = |number: &usize| targets.contains(*number);
            let own = || universe.targets_of(*action).map(|(number, _)| number);
            let mut needed = own().filter(|number| universe.targets[*number].is_required);
            own().any(|number| has(&number)) && needed.all(|number| has(&number))
        };
        let all = Catalog::get().actions().map(|action| action.id());
        all.filter(is_within).collect()
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 40, ..Default::default() })]
        #[test]
        fn actions_within_are_those_of_asking_each(
            runs in proptest::collection::vec((0..60_000_usize, 0..2_000_usize), 0..6),
            holes in proptest::collection::vec(0..60_000_usize, 0..200),
        ) {
            let universe = Universe::get();
            let mut targets = BitSet::new(universe.len());
            for (start, length) in runs {
                let start = start % universe.len();
                targets.insert_range(&(start..(start + length).min(universe.len())));
            }
            let mut out = BitSet::new(universe.len());
            holes.iter().for_each(|hole| out.insert(hole % universe.len()));
            let mut without = targets.clone();
            without.subtract(&out);
            for own in [&targets, &without, &out] {
                proptest::prop_assert_eq!(universe.actions_within(own), within_by_asking_each(own));
            }
        }
    }
}
