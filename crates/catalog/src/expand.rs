//! Patterns to the actions that they match.

use std::ops::Range;

use leastgrant_policy::{ActionPattern, Piece, Wildcard};

use crate::{ActionId, ActionSet, Catalog, Service};

/// The actions of a list of entries: those that its patterns match, and the names that stand in it.
#[derive(Debug, Default)]
pub struct Expansion<'a> {
    /// What entries with wildcards match, of the actions that the catalogue knows.
    pub matched: ActionSet,
    /// Entries without wildcards, as they are written. They were not looked up: a name that the catalogue does not know is
    /// an action all the same.
    pub named: Vec<&'a str>,
}

impl Catalog {
    /// Adds the entries of a list: patterns are matched, and names are kept as they are.
    pub fn expand_entries_into<'a>(
        &self,
        entries: impl ExactSizeIterator<Item = &'a ActionPattern>,
        expansion: &mut Expansion<'a>,
    ) {
        expansion.named.reserve(entries.len());
        for entry in entries {
            if entry.is_plain() {
                expansion.named.push(entry.as_str());
            } else {
                self.expand_wildcards_into(entry, &mut expansion.matched);
            }
        }
    }

    /// The actions that the pattern matches. Those that the catalogue does not know are not among them.
    #[must_use]
    pub fn expand(&self, pattern: &ActionPattern) -> ActionSet {
        let mut set = ActionSet::new();
        self.expand_into(pattern, &mut set);
        set
    }

    /// Adds the actions that any of the patterns matches to a set: what [`Self::expand_into`] does, some patterns at a time.
    pub fn expand_all_into<'a>(
        &self,
        patterns: impl IntoIterator<Item = &'a ActionPattern>,
        set: &mut ActionSet,
    ) {
        const AT_A_TIME: usize = 16;
        let mut patterns = patterns.into_iter();
        loop {
            let some: [Option<&ActionPattern>; AT_A_TIME] =
                std::array::from_fn(|_| patterns.next());
            let texts = some.map(|pattern| pattern.map(ActionPattern::as_str));
            let numbers = self.numbers(texts);
            for (pattern, number) in some.into_iter().zip(numbers) {
                match (pattern, number) {
                    (None, _) => return,
                    (Some(_), Some(number)) => {
                        set.insert(ActionId::of_number(number));
                    }
                    (Some(pattern), None) => self.expand_wildcards_into(pattern, set),
                }
            }
        }
    }

    /// Adds the actions that the pattern matches to a set.
    ///
    /// A name without wildcards is looked up. Else plain text before the first wildcard finds its place by bisection, in prefix and name; only what then is left
    /// of the pattern, if it is more than a last `*`, is matched action by action.
    pub fn expand_into(&self, pattern: &ActionPattern, set: &mut ActionSet) {
        // Most patterns of real policies are plain names, and no name has a wildcard.
        if let Some(number) = self.number(pattern.as_str()) {
            set.insert(ActionId::of_number(number));
        } else {
            self.expand_wildcards_into(pattern, set);
        }
    }

    fn expand_wildcards_into(&self, pattern: &ActionPattern, set: &mut ActionSet) {
        // Nearly all patterns of real policies are `service:Beginning*`, for which their text is enough.
        if let Some((prefix, beginning)) = beginning_of(pattern.as_str()) {
            if let Some(service) = self.service(prefix) {
                set.insert_range(&self.names_beginning_with(service, beginning));
            }
            return;
        }
        if pattern.is_every() {
            set.insert_range(&(0..self.len()));
            return;
        }
        let Some((prefix, name)) = pattern.service_and_name() else {
            return;
        };
        if let Some(prefix) = prefix.as_literal() {
            if let Some(service) = self.service(prefix) {
                self.expand_names(service, name, set);
            }
            return;
        }
        let services = self.services().iter();
        for service in services.filter(|service| prefix.matches(service.prefix())) {
            self.expand_names(service, name, set);
        }
    }

    fn expand_names(&self, service: &Service, pattern: &Wildcard, set: &mut ActionSet) {
        let (beginning, rest) = match pattern.pieces() {
            [Piece::Text(text), rest @ ..] => (&**text, rest),
            pieces => ("", pieces),
        };
        let begin_so = self.names_beginning_with(service, beginning);
        match rest {
            // Shorter names are sorted before longer ones, so the name itself is the first.
            [] => {
                let first = self.actions.get(begin_so.clone()).and_then(<[_]>::first);
                if first.is_some_and(|row| row.lower == beginning) {
                    set.insert_range(&(begin_so.start..begin_so.start + 1));
                }
            }
            [Piece::Many] => set.insert_range(&begin_so),
            _ => {
                let matches = |number: &usize| {
                    let row = self.actions.get(*number);
                    row.is_some_and(|row| pattern.matches(row.lower))
                };
                let texts = rest.iter().filter_map(|piece| match piece {
                    Piece::Text(text) => Some(&**text),
                    _ => None,
                });
                // The longest of the texts that must stand in a name leaves few names to be matched.
                match texts.max_by_key(|text| text.len()) {
                    Some(text) => {
                        let holding = self.names().holding(&begin_so, text);
                        for number in holding.filter(matches) {
                            set.insert_range(&(number..number + 1));
                        }
                    }
                    None => {
                        for number in begin_so.filter(matches) {
                            set.insert_range(&(number..number + 1));
                        }
                    }
                }
            }
        }
    }

    /// The numbers of the service's actions whose names begin with a text, case ignored.
    fn names_beginning_with(&self, service: &Service, beginning: &str) -> Range<usize> {
        // The first bytes, side by side in memory, decide most of it.
        let least = beginning_key(beginning, 0);
        let most = beginning_key(beginning, u8::MAX);
        let keys = self.beginnings.get(service.actions.clone());
        let keys = keys.unwrap_or_default();
        let from = keys.partition_point(|key| *key < least);
        let left = keys.get(from..).unwrap_or_default();
        let to = from + left.partition_point(|key| *key <= most);
        let start = service.actions.start;
        let range = start + from..start + to;
        if beginning.len() <= KEY_BYTES {
            return range;
        }
        let beginning = beginning.to_ascii_lowercase();
        let rows = self.actions.get(range.clone()).unwrap_or_default();
        let before = rows.partition_point(|row| row.lower < &*beginning);
        let from_there = rows.get(before..).unwrap_or_default();
        let count = from_there.partition_point(|row| row.lower.starts_with(&*beginning));
        range.start + before..range.start + before + count
    }
}

const KEY_BYTES: usize = 8;

/// Prefix and beginning of a pattern `service:Beginning*` without other wildcards.
fn beginning_of(pattern: &str) -> Option<(&str, &str)> {
    let plain = pattern.strip_suffix('*')?;
    let is_plain = !plain.bytes().any(|byte| matches!(byte, b'*' | b'?'));
    is_plain.then(|| plain.split_once(':')).flatten()
}

/// The first eight bytes of a name in lower case as a number that is ordered as names are; a shorter one is filled up.
pub(crate) fn beginning_key(name: &str, filling: u8) -> u64 {
    let mut bytes = [filling; KEY_BYTES];
    for (to, from) in bytes.iter_mut().zip(name.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The obvious twin: asks the pattern of every action.
    fn by_asking_each(pattern: &ActionPattern) -> ActionSet {
        let actions = Catalog::get()
            .actions()
            .filter(|action| pattern.matches_parts(action.service().prefix(), action.lower_name()));
        actions.map(crate::ActionInfo::id).collect()
    }

    fn expanded(pattern: &str) -> Vec<String> {
        let set = Catalog::get().expand(&ActionPattern::parse(pattern));
        Catalog::get()
            .actions_of(&set)
            .map(|action| action.to_string())
            .collect()
    }

    /// A known action with some of its characters made into wildcards, cut or in other case.
    fn bent_action() -> impl Strategy<Value = String> {
        let actions = 0..Catalog::get().len();
        let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..5u8), 0..4);
        (actions, changes).prop_map(|(number, changes)| {
            let action = Catalog::get().actions().nth(number).unwrap().to_string();
            let mut characters: Vec<char> = action.chars().collect();
            for (place, change) in changes {
                let place = place.index(characters.len().max(1));
                match (change, characters.get_mut(place)) {
                    (0, Some(character)) => *character = '*',
                    (1, Some(character)) => *character = '?',
                    (2, Some(character)) => character.make_ascii_uppercase(),
                    (3, Some(_)) => {
                        characters.truncate(place);
                        characters.push('*');
                    }
                    _ => characters.insert(place, '*'),
                }
            }
            characters.into_iter().collect()
        })
    }

    proptest! {
        #[test]
        fn expansion_is_what_asking_each_action_gives(
            pattern in prop_oneof![
                bent_action(),
                "(s3|ec2|iam|\\*|s\\?|e\\*):(Get|List|\\*|\\?|[a-z]|Object|Tag){0,4}",
                "[a-z*?:]{0,6}",
            ]
        ) {
            let pattern = ActionPattern::parse(&pattern);
            prop_assert_eq!(Catalog::get().expand(&pattern), by_asking_each(&pattern));
        }

        #[test]
        fn many_patterns_at_a_time_are_the_union_of_each(texts in prop::collection::vec(bent_action(), 0..40)) {
            let patterns: Vec<_> = texts.iter().map(|text| ActionPattern::parse(text)).collect();
            let mut together = ActionSet::new();
            Catalog::get().expand_all_into(&patterns, &mut together);
            let mut one_by_one = ActionSet::new();
            for pattern in &patterns {
                one_by_one.union_with(&Catalog::get().expand(pattern));
            }
            prop_assert_eq!(together, one_by_one);
        }
    }

    #[test]
    fn patterns_match_without_case_and_within_prefix_and_name() {
        assert_eq!(expanded("S3:getobject"), ["s3:GetObject"]);
        assert_eq!(
            expanded("sts:*Identity"),
            [
                "sts:AssumeRoleWithWebIdentity",
                "sts:GetCallerIdentity",
                "sts:SetSourceIdentity"
            ]
        );
        assert_eq!(expanded("sqs:?agqueue"), ["sqs:TagQueue"]);
        assert_eq!(expanded("?3:GetObject"), ["s3:GetObject"]);
        assert_eq!(expanded("s*:GetObjec"), [""; 0]);
        assert_eq!(expanded("s3:GetObjec"), [""; 0]);
        assert_eq!(expanded("s3"), [""; 0]);
        assert_eq!(expanded("s3*"), [""; 0]);
        assert_eq!(expanded(""), [""; 0]);
        assert_eq!(expanded("*").len(), Catalog::get().len());
        assert_eq!(expanded("*:*").len(), Catalog::get().len());
        assert_eq!(expanded("**").len(), Catalog::get().len());
    }

    #[test]
    fn names_are_kept_and_patterns_matched() {
        let texts = ["s3:GetObject", "x:Unknown", "sqs:*Queue", "*:CreateQueue"];
        let entries: Vec<ActionPattern> = texts.map(ActionPattern::parse).into();
        let mut expansion = Expansion::default();
        Catalog::get().expand_entries_into(entries.iter(), &mut expansion);
        assert_eq!(expansion.named, ["s3:GetObject", "x:Unknown"]);
        let mut matched = by_asking_each(&entries[2]);
        matched.union_with(&by_asking_each(&entries[3]));
        assert_eq!(expansion.matched, matched);
    }
}
