//! Actions in words: by service, with a few of each.

use leastgrant_catalog::{ActionInfo, ActionSet, Catalog, Service};

/// More services than these are counted only.
const SERVICES: usize = 8;
/// More actions of a service than these are counted only.
const ACTIONS: usize = 3;

/// The actions by service: `` `s3` (41, such as `DeleteObject`, …) and `sqs` (`SendMessage`) ``. Bounded in length.
pub(crate) fn in_words(actions: &ActionSet) -> String {
    let count = services_of(actions).count();
    let mut words: Vec<String> = services_of(actions)
        .take(SERVICES)
        .map(|service| {
            let (prefix, count) = (service.prefix(), actions.count_of(service));
            let names: Vec<String> = actions_of_service(actions, service)
                .take(ACTIONS)
                .map(|action| format!("`{}`", action.name()))
                .collect();
            match count > ACTIONS {
                true => format!("`{prefix}` ({count}, such as {})", names.join(", ")),
                false => format!("`{prefix}` ({})", names.join(", ")),
            }
        })
        .collect();
    if count > SERVICES {
        words.push(format!("{} more services", count - SERVICES));
    }
    and(words)
}

/// The first action of each service, sorted.
pub(crate) fn first_of_each_service(actions: &ActionSet) -> impl Iterator<Item = ActionInfo> {
    services_of(actions).filter_map(|service| actions_of_service(actions, service).next())
}

fn services_of(actions: &ActionSet) -> impl Iterator<Item = &'static Service> {
    let services = Catalog::get().services().iter();
    services.filter(|service| actions.count_of(service) > 0)
}

fn actions_of_service(
    actions: &ActionSet,
    service: &'static Service,
) -> impl Iterator<Item = ActionInfo> {
    service
        .actions()
        .filter(|action| actions.contains(action.id()))
}

/// Some of many texts, in backticks.
pub(crate) fn some_of<'a>(texts: impl ExactSizeIterator<Item = &'a str>, shown: usize) -> String {
    let count = texts.len();
    let mut words: Vec<String> = texts.take(shown).map(quoted).collect();
    if count > shown {
        words.push(format!("{} more", count - shown));
    }
    and(words)
}

/// Somebody's text in backticks, shortened: an entry may be as long as its document.
pub(crate) fn quoted(text: &str) -> String {
    const CHARACTERS: usize = 100;
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// `a, b and c`.
pub(crate) fn and(mut words: Vec<String>) -> String {
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

/// `1 action`, `2 actions`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_listed_by_service_and_the_list_is_short() {
        let set = |names: &[&str]| -> ActionSet {
            let catalog = Catalog::get();
            names
                .iter()
                .map(|name| catalog.action(name).unwrap().id())
                .collect()
        };
        assert_eq!(
            in_words(&set(&["sqs:SendMessage", "s3:PutObject"])),
            "`s3` (`PutObject`) and `sqs` (`SendMessage`)"
        );
        assert_eq!(
            in_words(&set(&[
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:PurgeQueue",
                "sqs:SendMessage"
            ])),
            "`sqs` (4, such as `CreateQueue`, `DeleteQueue`, `PurgeQueue`)"
        );
        assert!(in_words(&ActionSet::all()).len() < 1_500);
        assert_eq!(in_words(&ActionSet::new()), "");
    }
}
