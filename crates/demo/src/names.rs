//! Names of people, applications and accounts: all made up.

/// Given names of the people.
const GIVEN: &[&str] = &[
    "ada", "amara", "bashir", "beatriz", "carla", "chidi", "daria", "dmitri", "elif", "emeka",
    "farah", "felix", "goran", "greta", "hana", "hugo", "ines", "ivan", "jamila", "jonas", "kaito",
    "katya", "lars", "leila", "malik", "marta", "nadia", "nils", "olga", "omar", "paula", "priya",
    "quentin", "rafael", "rosa", "samir", "selma", "tariq", "tess", "uma", "viktor", "wanda",
    "yara", "yusuf", "zeno", "zofia",
];

/// Family names of the people.
const FAMILY: &[&str] = &[
    "abara",
    "almeida",
    "banerjee",
    "bergmann",
    "castellan",
    "chen",
    "dahl",
    "demir",
    "eklund",
    "farouk",
    "ferrant",
    "garrido",
    "haddad",
    "hoshino",
    "ibrahim",
    "ivarsen",
    "jansky",
    "juarez",
    "kovacs",
    "kimura",
    "lindqvist",
    "lopes",
    "mbeki",
    "moreau",
    "nakata",
    "novak",
    "okafor",
    "ostrow",
    "pereira",
    "petrov",
    "quist",
    "rahman",
    "rossetti",
    "sandoval",
    "sokolov",
    "tanaka",
    "torvik",
    "ulman",
    "varga",
    "vesely",
    "weiss",
    "winther",
    "yilmaz",
    "zamora",
    "zielin",
];

/// What the applications are about.
const SUBJECTS: &[&str] = &[
    "billing",
    "catalogue",
    "checkout",
    "claims",
    "delivery",
    "fraud",
    "invoice",
    "ledger",
    "loyalty",
    "mailing",
    "orders",
    "payments",
    "pricing",
    "refunds",
    "reporting",
    "returns",
    "search",
    "shipping",
    "stock",
    "tickets",
];

/// What the applications do.
const WORKS: &[&str] = &[
    "api",
    "batch",
    "export",
    "gateway",
    "import",
    "indexer",
    "worker",
    "scheduler",
    "stream",
    "sync",
    "web",
];

/// What the accounts are for, in the order in which accounts are made.
const ACCOUNTS: &[&str] = &[
    "management",
    "production",
    "security",
    "staging",
    "data",
    "sandbox",
    "shared-services",
    "network",
    "backup",
    "research",
];

/// The `index`-th combination of two lists, with a number once every combination is taken. Each
/// index has a name of its own.
fn combination(first: &[&str], second: &[&str], separator: char, index: usize) -> String {
    // Stepping through the second list faster than through the first mixes the neighbours.
    let first_name = pick(first, index);
    let rest = index.checked_div(first.len()).unwrap_or(0);
    let second_name = pick(second, rest.wrapping_add(index));
    // For an index and the one a whole round later, first and second name are both equal.
    let round = rest.checked_div(second.len()).unwrap_or(0);
    if round == 0 {
        format!("{first_name}{separator}{second_name}")
    } else {
        format!(
            "{first_name}{separator}{second_name}{}",
            round.saturating_add(1)
        )
    }
}

fn pick<'a>(list: &[&'a str], index: usize) -> &'a str {
    index
        .checked_rem(list.len())
        .and_then(|place| list.get(place))
        .copied()
        .unwrap_or("nobody")
}

/// The user name of the person at a place in the organisation, such as `ada.okafor`.
pub(crate) fn person(position: usize) -> String {
    combination(GIVEN, FAMILY, '.', position)
}

/// The name of the application that belongs to a place in the organisation, such as `orders-web`.
pub(crate) fn application(position: usize) -> String {
    combination(SUBJECTS, WORKS, '-', position)
}

/// The name of an account, such as `production` or `production-2`.
pub(crate) fn account(index: usize) -> String {
    let name = pick(ACCOUNTS, index);
    let round = index.checked_div(ACCOUNTS.len()).unwrap_or(0);
    if round == 0 {
        name.to_owned()
    } else {
        format!("{name}-{}", round.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_places_share_a_name() {
        let people: HashSet<_> = (0..20_000).map(person).collect();
        assert_eq!(people.len(), 20_000);
        let applications: HashSet<_> = (0..20_000).map(application).collect();
        assert_eq!(applications.len(), 20_000);
        let accounts: HashSet<_> = (0..100).map(account).collect();
        assert_eq!(accounts.len(), 100);
    }
}
