//! Lists inside answers: read at full speed, and element by element if one of them is wrong.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use crate::answer::Answer;
use crate::answers::{Problem, Problems};

/// The elements of a member that is a list. An element that cannot be read is a problem, and the others are kept.
pub(crate) fn list<'a, T: Deserialize<'a>>(
    answer: &Answer<'a>,
    member: &str,
    problems: &mut Problems,
) -> Vec<T> {
    match answer.members.get(member) {
        Some(raw) => elements(raw, &format!("/{member}"), problems),
        None => Vec::new(),
    }
}

/// The elements of a list that the call always answers with, so that its absence says nothing of what there is.
pub(crate) fn required_list<'a, T: Deserialize<'a>>(
    answer: &Answer<'a>,
    member: &str,
    problems: &mut Problems,
) -> Vec<T> {
    if !answer.members.has(member) {
        problems.push(Problem::at(
            "",
            &format!("the answer has no member `{member}`; export it again"),
        ));
    }
    list(answer, member, problems)
}

/// A member that is one object.
pub(crate) fn one<'a, T: Deserialize<'a>>(
    answer: &Answer<'a>,
    member: &str,
    problems: &mut Problems,
) -> Option<T> {
    read(answer.members.get(member)?, &format!("/{member}"), problems)
}

/// The elements of a raw list.
pub(crate) fn elements<'a, T: Deserialize<'a>>(
    raw: &'a RawValue,
    pointer: &str,
    problems: &mut Problems,
) -> Vec<T> {
    if let Ok(all) = serde_json::from_str(raw.get()) {
        return all;
    }
    match serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) {
        Ok(elements) => elements
            .into_iter()
            .enumerate()
            .filter_map(|(index, element)| read(element, &format!("{pointer}/{index}"), problems))
            .collect(),
        Err(_) => {
            problems.push(Problem::at(pointer, "a list was expected here"));
            Vec::new()
        }
    }
}

/// One value; what is wrong with it is named by a pointer to the very member.
pub(crate) fn read<'a, T: Deserialize<'a>>(
    raw: &'a RawValue,
    pointer: &str,
    problems: &mut Problems,
) -> Option<T> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    match serde_path_to_error::deserialize(&mut deserializer) {
        Ok(value) => Some(value),
        Err(error) => {
            let mut place = pointer.to_owned();
            for segment in error.path() {
                match segment {
                    Segment::Seq { index } => place.push_str(&format!("/{index}")),
                    Segment::Map { key } => {
                        place.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
                    }
                    Segment::Enum { .. } | Segment::Unknown => {}
                }
            }
            let message = error.inner().to_string();
            let message = message.split(" at line ").next().unwrap_or(&message);
            problems.push(Problem::at(&place, &format!("cannot be read: {message}")));
            None
        }
    }
}
