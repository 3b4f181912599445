//! The join of slots and listed keys, case by case.

use super::*;

const EARLIER: &str = "2026-01-01T00:00:00Z";
const LATER: &str = "2026-01-01T03:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn dating(text: &str) -> Dating {
    Dating {
        at: at(text),
        by: DatedBy::AccountFile,
    }
}

fn whole(dating: Dating, keys: &[ListedKey]) -> KnownList<'_> {
    KnownList {
        dating,
        is_whole: true,
        keys,
    }
}

fn used(text: &str) -> KeyUse {
    KeyUse {
        at: Some(at(text)),
        ..KeyUse::default()
    }
}

fn slot(slot: i64, is_active: bool, created_at: &str, last_use: KeyUse) -> ReportKey {
    ReportKey {
        slot,
        is_active,
        created_at: Some(at(created_at)),
        last_use,
    }
}

fn listed(id: &str, is_active: bool, created_at: &str, last_use: Option<KeyUse>) -> ListedKey {
    ListedKey {
        access_key_id: id.to_owned(),
        is_active,
        created_at: Some(at(created_at)),
        last_use,
    }
}

/// Each row as `id evidence slot active last-use`, in words that a reader can check.
fn joined(report: &str, slots: &[ReportKey], list: &str, keys: &[ListedKey]) -> Vec<String> {
    let user = UserRow {
        arn: "arn:aws:iam::111122223333:user/u".to_owned(),
        user_name: "u".to_owned(),
        ..UserRow::default()
    };
    let known = KnownKeys {
        report: Some((dating(report), slots)),
        list: Some(whole(dating(list), keys)),
    };
    rows(&user, &known)
        .into_iter()
        .map(|row| {
            format!(
                "{} {} {} {} {}",
                row.access_key_id
                    .unwrap_or_else(|| format!("?{}", row.candidate_access_key_ids.join("|"))),
                row.access_key_id_evidence,
                row.slot
                    .map_or_else(|| "-".to_owned(), |slot| slot.to_string()),
                if row.is_active { "active" } else { "inactive" },
                match (row.last_used_known, row.last_used_at) {
                    (false, _) => "unknown".to_owned(),
                    (true, None) => "never".to_owned(),
                    (true, Some(at)) => at.to_string(),
                }
            )
        })
        .collect()
}

const JANUARY: &str = "2025-01-01T00:00:00Z";
const FEBRUARY: &str = "2025-02-01T00:00:00Z";
const USE_A: &str = "2025-06-01T10:00:00Z";
const USE_B: &str = "2025-07-01T10:00:00Z";

#[test]
fn creation_time_finds_the_id_whatever_the_order_of_the_slots() {
    // The older, inactive key lies in slot 2: slots follow the ids, not the ages.
    let slots = [
        slot(1, true, FEBRUARY, used(USE_B)),
        slot(2, false, JANUARY, used(USE_A)),
    ];
    let keys = [
        listed("AKIAOLD", false, JANUARY, None),
        listed("AKIANEW", true, FEBRUARY, None),
    ];
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        [
            format!("AKIAOLD created_at 2 inactive {USE_A}"),
            format!("AKIANEW created_at 1 active {USE_B}")
        ]
    );
}

#[test]
fn a_tie_that_statuses_tell_apart_is_told_apart() {
    let slots = [
        slot(1, false, JANUARY, KeyUse::default()),
        slot(2, true, JANUARY, used(USE_A)),
    ];
    let keys = [
        listed("AKIAACTIVE", true, JANUARY, None),
        listed("AKIAIDLE", false, JANUARY, None),
    ];
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        [
            "AKIAIDLE created_at 1 inactive never".to_owned(),
            format!("AKIAACTIVE created_at 2 active {USE_A}")
        ]
    );
}

#[test]
fn a_tie_that_last_uses_tell_apart_is_told_apart() {
    let slots = [
        slot(1, true, JANUARY, used(USE_A)),
        slot(2, true, JANUARY, used(USE_B)),
    ];
    let keys = [
        listed("AKIAB", true, JANUARY, Some(used(USE_B))),
        listed("AKIAA", true, JANUARY, Some(used(USE_A))),
    ];
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        [
            format!("AKIAA created_at 1 active {USE_A}"),
            format!("AKIAB created_at 2 active {USE_B}")
        ]
    );
}

#[test]
fn a_tie_of_equals_gives_ids_without_slots() {
    let slots = [
        slot(1, true, JANUARY, KeyUse::default()),
        slot(2, true, JANUARY, KeyUse::default()),
    ];
    let keys = [
        listed("AKIAA", true, JANUARY, None),
        listed("AKIAB", true, JANUARY, None),
    ];
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        ["AKIAA listed - active never", "AKIAB listed - active never"]
    );
}

#[test]
fn a_tie_that_nothing_tells_apart_names_both_candidates_and_no_id() {
    let slots = [
        slot(1, true, JANUARY, used(USE_A)),
        slot(2, true, JANUARY, KeyUse::default()),
    ];
    let keys = [
        listed("AKIAB", true, JANUARY, None),
        listed("AKIAA", true, JANUARY, None),
    ];
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        [
            format!("?AKIAA|AKIAB tied 1 active {USE_A}"),
            "?AKIAA|AKIAB tied 2 active never".to_owned()
        ]
    );
}

#[test]
fn a_slot_without_a_listed_key_keeps_its_row_and_no_id() {
    let slots = [slot(1, true, JANUARY, KeyUse::default())];
    let keys = [listed("AKIANEW", true, FEBRUARY, None)];
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        [
            "? not_listed 1 active never",
            "AKIANEW listed - active unknown"
        ]
    );
}

#[test]
fn a_key_that_a_later_list_lacks_is_gone() {
    let slots = [slot(1, true, JANUARY, KeyUse::default())];
    let keys = [listed("AKIANEW", true, FEBRUARY, None)];
    assert_eq!(
        joined(EARLIER, &slots, LATER, &keys),
        ["AKIANEW listed - active unknown"]
    );
}

#[test]
fn a_later_list_that_is_not_whole_cannot_say_that_a_key_is_gone() {
    let slots = [slot(1, true, JANUARY, KeyUse::default())];
    let list = KnownList {
        is_whole: false,
        ..whole(dating(LATER), &[])
    };
    let known = KnownKeys {
        report: Some((dating(EARLIER), &slots)),
        list: Some(list),
    };
    assert_eq!(rows(&UserRow::default(), &known).len(), 1);
}

#[test]
fn in_a_tie_an_older_list_says_nothing_against_a_newer_report() {
    let slots = [
        slot(1, true, JANUARY, KeyUse::default()),
        slot(2, false, JANUARY, KeyUse::default()),
    ];
    let keys = ["AKIAA", "AKIAB"].map(|id| listed(id, false, JANUARY, Some(KeyUse::default())));
    assert_eq!(
        joined(LATER, &slots, EARLIER, &keys),
        [
            "?AKIAA|AKIAB tied 1 active never",
            "?AKIAA|AKIAB tied 2 inactive never"
        ]
    );
}

#[test]
fn a_list_without_a_stated_date_cannot_say_that_a_key_is_gone() {
    let user = UserRow::default();
    let slots = [slot(1, true, JANUARY, KeyUse::default())];
    let list = Dating {
        at: at(LATER),
        by: DatedBy::Run,
    };
    let known = KnownKeys {
        report: Some((dating(EARLIER), &slots)),
        list: Some(whole(list, &[])),
    };
    assert_eq!(rows(&user, &known).len(), 1);
}

#[test]
fn a_listed_key_that_a_later_report_lacks_is_gone_unless_the_report_is_full() {
    let keys = [listed("AKIAOLD", true, JANUARY, None)];
    assert_eq!(joined(LATER, &[], EARLIER, &keys), Vec::<String>::new());
    let march = "2025-03-01T00:00:00Z";
    let full = [
        slot(1, true, FEBRUARY, KeyUse::default()),
        slot(2, true, march, KeyUse::default()),
    ];
    assert!(
        joined(LATER, &full, EARLIER, &keys)
            .contains(&"AKIAOLD listed - active unknown".to_owned())
    );
}

#[test]
fn the_newer_status_and_the_later_use_win() {
    let slots = [slot(1, true, JANUARY, used(USE_A))];
    let keys = [listed("AKIAA", false, JANUARY, Some(used(USE_B)))];
    assert_eq!(
        joined(EARLIER, &slots, LATER, &keys),
        [format!("AKIAA created_at 1 inactive {USE_B}")]
    );
    assert_eq!(
        joined(LATER, &slots, EARLIER, &keys),
        [format!("AKIAA created_at 1 active {USE_B}")]
    );
    // Of one moment and in contradiction: the key may be usable.
    assert_eq!(
        joined(EARLIER, &slots, EARLIER, &keys),
        [format!("AKIAA created_at 1 active {USE_B}")]
    );
}

#[test]
fn without_a_report_the_list_is_all_there_is() {
    let user = UserRow::default();
    let keys = [
        listed("AKIAA", true, JANUARY, Some(KeyUse::default())),
        listed("AKIAB", false, FEBRUARY, None),
    ];
    let rows = rows(
        &user,
        &KnownKeys {
            report: None,
            list: Some(whole(dating(EARLIER), &keys)),
        },
    );
    let known: Vec<bool> = rows.iter().map(|row| row.last_used_known).collect();
    assert_eq!(known, [true, false]);
}

/// A user's keys as they really are, how the report and the list show them, and whether the list shows uses.
#[derive(Debug, Clone)]
struct World {
    keys: Vec<(String, ReportKey)>,
    report_is_reversed: bool,
    list_is_reversed: bool,
    list_shows_uses: bool,
}

fn worlds() -> impl proptest::strategy::Strategy<Value = World> {
    use proptest::prelude::*;
    let key = (any::<bool>(), any::<bool>(), 0_u8..3);
    (
        proptest::collection::vec(key, 0..=2),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(keys, report_is_reversed, list_is_reversed, list_shows_uses)| World {
                keys: keys
                    .into_iter()
                    .enumerate()
                    .map(|(index, (is_active, is_early, last_use))| {
                        let last_use = match last_use {
                            0 => KeyUse::default(),
                            1 => used(USE_A),
                            _ => used(USE_B),
                        };
                        let created_at = if is_early { JANUARY } else { FEBRUARY };
                        (
                            format!("AKIA{index}"),
                            slot(0, is_active, created_at, last_use),
                        )
                    })
                    .collect(),
                report_is_reversed,
                list_is_reversed,
                list_shows_uses,
            },
        )
}

proptest::proptest! {
    /// The world itself is the oracle: an id may be missing, but never wrong, and is missing only where two keys look alike.
    #[test]
    fn an_id_is_never_wrong_and_missing_only_where_nothing_tells_two_keys_apart(world in worlds()) {
        let in_order = |is_reversed: bool| {
            let mut keys = world.keys.clone();
            if is_reversed {
                keys.reverse();
            }
            keys
        };
        let slots: Vec<ReportKey> = in_order(world.report_is_reversed)
            .into_iter()
            .zip(1..)
            .map(|((_, key), number)| ReportKey { slot: number, ..key })
            .collect();
        let list: Vec<ListedKey> = in_order(world.list_is_reversed)
            .into_iter()
            .map(|(id, key)| ListedKey {
                access_key_id: id,
                is_active: key.is_active,
                created_at: key.created_at,
                last_use: world.list_shows_uses.then_some(key.last_use),
            })
            .collect();
        let user = UserRow::default();
        let found = rows(
            &user,
            &KnownKeys { report: Some((dating(EARLIER), &slots)), list: Some(whole(dating(EARLIER), &list)) },
        );
        proptest::prop_assert_eq!(found.len(), world.keys.len());
        let look_alike = match world.keys.as_slice() {
            [(_, first), (_, second)] => {
                first.created_at == second.created_at
                    && first.is_active == second.is_active
                    && first.last_use != second.last_use
                    && !world.list_shows_uses
            }
            _ => false,
        };
        for row in &found {
            match &row.access_key_id {
                Some(id) => {
                    let (_, truth) = world.keys.iter().find(|(known, _)| known == id).unwrap();
                    proptest::prop_assert_eq!(row.is_active, truth.is_active);
                    proptest::prop_assert_eq!(row.created_at, truth.created_at);
                    proptest::prop_assert!(row.last_used_known);
                    proptest::prop_assert_eq!(row.last_used_at, truth.last_use.at);
                    proptest::prop_assert!(!look_alike);
                }
                None => {
                    proptest::prop_assert!(look_alike);
                    proptest::prop_assert_eq!(row.candidate_access_key_ids.len(), 2);
                }
            }
        }
    }
}
