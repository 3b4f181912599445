//! A person: somebody's terminal, editor or S3 browser.

use super::mark::{MarkSource, Weight};
use super::names::is_like_a_person;
use super::quote::quoted;
use super::replacement::Place;
use super::{HolderKind, HolderType, Marks, Seen};

pub(super) static HOLDER: HolderType = HolderType {
    kind: HolderKind::Person,
    words: "a person",
    title: "A person's access key can give way to Identity Center",
    marks,
    replacement,
};

const KIND: HolderKind = HolderKind::Person;

/// As many networks as somebody has who works at home, in the office and on the way.
const NETWORKS_OF_A_TRAVELLER: usize = 5;

/// A working day with room for an early bird and a night owl, in hours.
const HOURS_OF_A_DAY: u32 = 12;

fn marks(seen: &Seen<'_>, marks: &mut Marks) {
    seen.push_from_tables(KIND, marks);
    let rhythm = &seen.rhythm;
    if seen.facts.has_password {
        let fact = "the user has a password for the console";
        marks.push(KIND, None, MarkSource::Credentials, Weight::Medium, fact);
    }
    if let Some(weight) = is_like_a_person(seen.facts.user_name) {
        let fact = format!(
            "the user is named {} as people are",
            quoted(seen.facts.user_name)
        );
        marks.push(KIND, None, MarkSource::Names, weight, fact);
    }
    let is_scheduled = rhythm.keeps_to_the_hour();
    if is_scheduled {
        let fact =
            "all times that are known lie within 2 hours of the day, as those of a schedule do";
        marks.push_against(KIND, MarkSource::Rhythm, Weight::Weak, fact);
    }
    if rhythm.rests_on_weekends() && !is_scheduled {
        let fact = format!(
            "used on {} days in {}, none of them a Saturday or Sunday",
            rhythm.active_days, rhythm.span_days
        );
        marks.push(KIND, None, MarkSource::Rhythm, Weight::Weak, fact);
    }
    if let Some(hours) = rhythm
        .hours_in_a_row()
        .filter(|hours| *hours <= HOURS_OF_A_DAY && !is_scheduled)
    {
        let fact = format!(
            "the {} times that are known lie within {hours} hours of the day",
            rhythm.times
        );
        marks.push(KIND, None, MarkSource::Rhythm, Weight::Weak, fact);
    }
    if seen.network.outside_networks >= NETWORKS_OF_A_TRAVELLER {
        let fact = format!("used from {} networks", seen.network.outside_networks);
        marks.push(KIND, None, MarkSource::Network, Weight::Weak, fact);
    }
    if rhythm.is_faster_than_people() {
        let fact = format!("{} calls a day, which nobody types", rhythm.calls_a_day());
        marks.push_against(KIND, MarkSource::Rhythm, Weight::Medium, fact);
    }
    if rhythm.never_rests() {
        let fact = format!(
            "used on {} of {} days, weekends and all",
            rhythm.active_days, rhythm.span_days
        );
        marks.push_against(KIND, MarkSource::Rhythm, Weight::Medium, fact);
    }
    if let Some(fact) = seen.only_inside() {
        marks.push_against(KIND, MarkSource::Network, Weight::Medium, fact);
    }
}

fn replacement(place: &Place<'_>) -> String {
    format!(
        "Give the person an Identity Center assignment: a permission set with the user's rights in account {account}, assigned to the person or a group of them. Then `aws configure sso` and `aws sso login` on their computer give credentials that end by themselves; tools that read `~/.aws` go on as before",
        account = place.account_id
    )
}
