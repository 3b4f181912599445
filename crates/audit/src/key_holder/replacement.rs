//! What takes the place of a key, ready to be reviewed.

use super::Holder;

/// What a replacement is written for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub partition: &'a str,
    pub account_id: &'a str,
    /// The Region that the key is used in, where it is one.
    pub region: Option<&'a str>,
    /// A repository that a tag names, `organization/name`.
    pub repository: Option<&'a str>,
    pub holder: Holder,
}

/// What takes the place of the key.
pub(crate) fn replacement(place: &Place<'_>) -> String {
    (place.holder.kind.holder_type().replacement)(place)
}

/// The repository that a tag names, if what it says can be one.
pub(crate) fn repository(tags: &[(String, String)]) -> Option<&str> {
    const KEYS: &[&str] = &[
        "repository",
        "repo",
        "github-repository",
        "github_repository",
        "gitlab-project",
        "gitlab_project",
    ];
    let named = tags
        .iter()
        .filter(|(key, _)| KEYS.iter().any(|known| key.eq_ignore_ascii_case(known)));
    named
        .map(|(_, value)| without_host(value))
        .find(|value| is_repository(value))
}

/// `github.com/acme/shop` and `https://github.com/acme/shop.git` are `acme/shop`. An organization's name has no full stop on these hosts
/// but GitLab's, where a host still needs two parts after it.
fn without_host(text: &str) -> &str {
    let bare = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("ssh://git@"))
        .unwrap_or(text);
    match bare.split_once('/') {
        Some((host, rest)) if host.contains('.') && rest.contains('/') => {
            rest.strip_suffix(".git").unwrap_or(rest)
        }
        _ => text,
    }
}

/// Two parts or more of letters, digits and `._-`: nothing that would widen a condition or end a text.
fn is_repository(text: &str) -> bool {
    const MOST_CHARACTERS: usize = 150;
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    text.len() <= MOST_CHARACTERS && text.contains('/') && text.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_repository_is_taken_from_a_tag() {
        for (key, value, expected) in [
            ("Repository", "acme/shop-web", Some("acme/shop-web")),
            ("repo", "acme/group/shop.web", Some("acme/group/shop.web")),
            ("repo", "github.com/acme/shop", Some("acme/shop")),
            (
                "repo",
                "https://github.com/acme/shop.git",
                Some("acme/shop"),
            ),
            ("repo", "acme/*", None),
            ("repo", "acme", None),
            ("repo", "acme//x", None),
            ("repo", "acme/x\"}", None),
            ("team", "acme/x", None),
        ] {
            let tags = [(key.to_owned(), value.to_owned())];
            assert_eq!(repository(&tags), expected, "{key}={value}");
        }
    }
}
