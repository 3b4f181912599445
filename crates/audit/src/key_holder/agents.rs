//! What user agents say.

use super::quote::bounded;
use super::table::{self, Row};

/// A row of the table that some agent has, with the first such agent and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgentPart<'a> {
    pub row: &'static Row,
    pub agent: &'a str,
    pub more: usize,
}

/// The rows that the agents have.
pub(crate) fn parts<'a>(agents: impl IntoIterator<Item = &'a str>) -> Vec<AgentPart<'a>> {
    let mut parts: Vec<AgentPart<'a>> = Vec::new();
    for agent in agents {
        for row in rows_of(agent) {
            match parts.iter_mut().find(|part| std::ptr::eq(part.row, row)) {
                Some(part) => part.more += 1,
                None => parts.push(AgentPart {
                    row,
                    agent,
                    more: 0,
                }),
            }
        }
    }
    parts
}

/// The rows that say the most of one agent: a Lambda function has the kernel of EC2, and is none. A service's host says nothing.
fn rows_of(agent: &str) -> Vec<&'static Row> {
    let agent = bounded(agent).to_ascii_lowercase();
    if agent.ends_with(".amazonaws.com") {
        return Vec::new();
    }
    let mut rows: Vec<&'static Row> = table::agents()
        .iter()
        .filter(|row| has_part(&agent, row.text))
        .collect();
    let most = rows.iter().map(|row| row.weight).max();
    rows.retain(|row| Some(row.weight) == most);
    rows
}

/// Whether a text has a part that begins and ends where a word does. One that begins with `-` ends the name of a kernel, and so
/// follows a number: `6.8.0-1021-aws` has `-aws`, and `terraform-provider-aws` has not.
fn has_part(text: &str, part: &str) -> bool {
    let is_of_word = |character: char| character.is_alphanumeric();
    let begins_word = part.starts_with(is_of_word);
    let ends_word = part.ends_with(is_of_word);
    let is_of_kernel = part.starts_with('-');
    text.match_indices(part).any(|(start, _)| {
        let (before, rest) = text.split_at_checked(start).unwrap_or_default();
        let after = rest.get(part.len()..).unwrap_or_default();
        let is_inside_word = begins_word && before.ends_with(is_of_word)
            || ends_word && after.starts_with(is_of_word);
        let is_other_than_kernel =
            is_of_kernel && !before.ends_with(|last: char| last.is_ascii_digit());
        !is_inside_word && !is_other_than_kernel
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(agent: &str) -> Vec<&'static str> {
        let rows = rows_of(agent);
        rows.iter()
            .map(|row| row.name.unwrap_or(row.text))
            .collect()
    }

    #[test]
    fn what_agents_look_like_is_told() {
        for (agent, expected) in [
            (
                "Boto3/1.24.94 Python/3.11.5 Linux/4.14.255-301-238.520.amzn2.x86_64 exec-env/AWS_Lambda_python3.11 Botocore/1.27.94",
                "Lambda",
            ),
            (
                "aws-sdk-nodejs/2.1363.0 linux/v16.20.2 exec-env/AWS_ECS_FARGATE promise",
                "ECS on Fargate",
            ),
            (
                "aws-cli/2.28.1 ua/2.1 os/linux#6.1.147-172.266.amzn2023.x86_64 md/arch#x86_64",
                "EC2",
            ),
            (
                "aws-cli/2.33.23 Python/3.13.11 Linux/6.1.159-182.297.amzn2023.x86_64 exec-env/CloudShell exe/x86_64.amzn.2023",
                "CloudShell",
            ),
            (
                "[aws-cli/1.18.136 Python/3.8.5 Darwin/19.5.0 botocore/1.17.59]",
                "a computer with macOS",
            ),
            (
                "aws-cli/2.31.4 ua/2.1 os/macos#24.6.0 md/arch#arm64",
                "a computer with macOS",
            ),
            (
                "aws-cli/1.27.74 Python/3.10.6 Linux/5.15.90.1-microsoft-standard-WSL2 botocore/1.29.74",
                "a computer with Windows (WSL)",
            ),
            ("S3 Browser/12.2.9 (https://s3browser.com)", "S3 Browser"),
            (
                "Cyberduck/7.1.1.31577 (Mac OS X/10.14.6) (x86_64)",
                "Cyberduck",
            ),
            (
                "aws-cli/1.37.19 Python/3.12.1 Linux/6.5.0-1025-azure botocore/1.36.19",
                "Azure",
            ),
            (
                "aws-sdk-js/2.1000 configure-aws-credentials-for-github-actions promise",
                "GitHub Actions",
            ),
            (
                "elbv2.k8s.aws/v2.4.5 aws-sdk-go/1.42.27 (go1.19.3; linux; amd64)",
                "EKS",
            ),
            ("Datadog", "Datadog"),
        ] {
            assert!(
                names(agent).contains(&expected),
                "{agent}: {:?}",
                names(agent)
            );
        }
    }

    #[test]
    fn words_that_only_hold_a_part_say_nothing() {
        for agent in [
            "",
            "AWS Internal",
            "secretsmanager.amazonaws.com",
            "aws-cli/2.15.0",
            "mydatadogger/1",
            "notamzn2x",
            "aws-cli/2.28.1 os/linux#6.12.0 exec-env/grimoire_1",
            "x-awsome",
            "some-provider-aws/6.14.1",
        ] {
            assert_eq!(names(agent), Vec::<&str>::new(), "{agent}");
        }
    }

    proptest! {
        /// The slow twin cuts the text into all of its pieces.
        #[test]
        fn a_part_is_found_where_it_stands_as_words(text in "[ab1/ -]{0,14}", part in "[ab/-]{1,4}") {
            let characters: Vec<char> = text.chars().collect();
            let wanted: Vec<char> = part.chars().collect();
            let breaks = |left: Option<&char>, right: Option<&char>| {
                !(left.is_some_and(|own| own.is_alphanumeric()) && right.is_some_and(|own| own.is_alphanumeric()))
            };
            let mut expected = false;
            for start in 0..characters.len() {
                for end in start + 1..=characters.len() {
                    let before = start.checked_sub(1).and_then(|place| characters.get(place));
                    let is_kernel = wanted[0] != '-' || before.is_some_and(char::is_ascii_digit);
                    expected |= characters[start..end] == wanted[..]
                        && is_kernel
                        && (wanted[0] == '-' || breaks(before, characters.get(start)))
                        && breaks(characters.get(end - 1), characters.get(end));
                }
            }
            prop_assert_eq!(has_part(&text, &part), expected);
        }
    }
}
