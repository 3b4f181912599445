//! Placeholders in the constant texts of policies, trust and request parameters.

use std::borrow::Cow;

use crate::model::Place;

/// Replaces the placeholders of a text. Policy variables such as `${aws:username}` stay, since no
/// placeholder has their names.
pub(crate) fn fill<'a>(text: &'a str, place: &Place) -> Cow<'a, str> {
    if !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut filled = String::with_capacity(text.len().saturating_add(16));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, following)| {
            let value = match name {
                "account" => place.account.as_str(),
                "neighbour" => place.neighbour.as_str(),
                "organisation" => place.organisation.as_str(),
                "region" => place.region,
                "app" => place.app.as_str(),
                "target" => place.target.as_str(),
                _ => return None,
            };
            Some((value, following))
        });
        match value {
            Some((value, following)) => {
                filled.push_str(value);
                rest = following;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            account: "111122223333".to_owned(),
            neighbour: "444455556666".to_owned(),
            organisation: "o-madeup1234".to_owned(),
            region: "eu-central-1",
            app: "orders-web".to_owned(),
            target: "target".to_owned(),
        }
    }

    #[test]
    fn placeholders_are_filled_and_policy_variables_stay() {
        assert_eq!(
            fill("arn:aws:s3:::{app}-{account}/${aws:username}/*", &place()),
            "arn:aws:s3:::orders-web-111122223333/${aws:username}/*"
        );
        assert_eq!(
            fill("{\"a\":{\"b\":\"{region}\"}}", &place()),
            "{\"a\":{\"b\":\"eu-central-1\"}}"
        );
    }
}
