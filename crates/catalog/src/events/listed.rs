//! The resources that a record lists itself.

use super::EventResource;
use crate::Catalog;

impl EventResource<'_> {
    /// Whether it is an ARN of a resource type of the action, and one that a policy could hold as it is.
    pub(super) fn fits(&self, action: &str) -> bool {
        const LONGEST: usize = 2048;
        let is_plain =
            |character: char| !character.is_control() && !matches!(character, '*' | '?' | '$');
        self.arn.len() <= LONGEST
            && self.arn.chars().all(is_plain)
            && Catalog::get().action(action).is_some_and(|action| {
                let details = action.details();
                details
                    .resources
                    .iter()
                    .any(|used| has_form(&self.arn, used.arn_format))
            })
    }
}

/// Whether an ARN has the form of `arn:${Partition}:s3:::${BucketName}/${ObjectName}`: the same service, and in the last part
/// as many and the same words between `/` and `:` as far as the form has words. A variable at the end may hold more parts.
fn has_form(arn: &str, format: &str) -> bool {
    let fields = |text: &str| -> Option<(String, String)> {
        let mut fields = text.splitn(6, ':');
        let begins_so = fields.next() == Some("arn");
        let service = fields.nth(1)?.to_owned();
        let rest = fields.nth(2)?.to_owned();
        begins_so.then_some((service, rest))
    };
    let (Some((service, rest)), Some((own_service, own_rest))) = (fields(arn), fields(format))
    else {
        return false;
    };
    let separators = ['/', ':'];
    let own_parts: Vec<&str> = own_rest.split(separators).collect();
    let parts: Vec<&str> = rest.splitn(own_parts.len(), separators).collect();
    let fits =
        |(part, own): (&&str, &&str)| !part.is_empty() && (own.contains("${") || part == own);
    service == own_service
        && parts.len() == own_parts.len()
        && parts.iter().zip(&own_parts).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_fits_where_it_is_of_a_type_of_the_action() {
        let fits = |arn: &str, action: &str| {
            let resource = EventResource {
                arn: arn.into(),
                kind: None,
            };
            resource.fits(action)
        };
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234";
        assert!(fits(key, "kms:Decrypt"));
        assert!(!fits("arn:aws:s3:::bucket", "kms:Decrypt"));
        assert!(!fits(
            "arn:aws:kms:eu-west-1:111122223333:key/*",
            "kms:Decrypt"
        ));
        assert!(!fits(
            "arn:aws:kms:eu-west-1:111122223333:alias/1234",
            "kms:Decrypt"
        ));
        assert!(fits("arn:aws:s3:::bucket/a/b", "s3:GetObject"));
        assert!(!fits("arn:aws:s3:::bucket", "s3:GetObject"));
        assert!(!fits("bucket", "s3:GetObject"));
    }
}
