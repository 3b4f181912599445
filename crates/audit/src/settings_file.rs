//! Reads `leastgrant.toml`, and says where it is wrong.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::{Settings, rules};

/// The file could not be understood.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SettingsError {
    /// What is wrong, with line and column.
    message: String,
}

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`SettingsError`] with the place and what was expected.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        if let Some((id, span)) = unknown_rule(text) {
            let message = format!("there is no rule `{id}`; `leastgrant rules` lists them");
            return Err(error(text, Some(span), &message));
        }
        toml::from_str(text).map_err(|cause| error(text, cause.span(), cause.message()))
    }
}

/// The first exemption of a rule that there is none of, as far as the file can be read.
fn unknown_rule(text: &str) -> Option<(String, Range<usize>)> {
    #[derive(Deserialize)]
    struct File {
        exemption: Vec<Exemption>,
    }
    #[derive(Deserialize)]
    struct Exemption {
        rule: Option<Spanned<String>>,
    }
    let file: File = toml::from_str(text).ok()?;
    let mut rules = file.exemption.into_iter().filter_map(|own| own.rule);
    let unknown = rules.find(|rule| rules::find(rule.get_ref()).is_none())?;
    let span = unknown.span();
    Some((unknown.into_inner(), span))
}

fn error(text: &str, span: Option<Range<usize>>, message: &str) -> SettingsError {
    let place = span.map(|span| {
        let before = text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let of_line = before.chars().rev();
        let column = of_line.take_while(|letter| *letter != '\n').count() + 1;
        format!("line {line}, column {column}: ")
    });
    SettingsError {
        message: format!(
            "{}{}",
            place.unwrap_or_default(),
            message.trim_end().replace('\n', ", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, message) in [
            (
                "[thresholds]\nstale_users_days = 3\n",
                "line 2, column 1: unknown field `stale_users_days`",
            ),
            (
                "[[exemption]]\nrule = \"no-such-rule\"\n",
                "line 2, column 8: there is no rule `no-such-rule`",
            ),
            (
                "[[owners.match]]\nresource = \"user/x\"\nowner = \"o\"\n",
                "line 2, column 12: `user/x` matches no ARN",
            ),
            (
                "[[owners.match]]\nresource = \"*\"\nowner = \" \"\n",
                "line 3, column 9: is empty; say who answers for it",
            ),
            (
                "[thresholds]\nstale_user_days = -1\n",
                "line 2, column 19: invalid value: integer `-1`, expected u32",
            ),
        ] {
            let error = Settings::from_toml(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
