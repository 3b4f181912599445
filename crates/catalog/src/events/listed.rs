//! The resources that a record lists itself.

use crate::ActionResource;

/// IAM's documented limit of an ARN's length.
pub(super) const LONGEST_ARN: usize = 2048;

/// Whether an ARN is of one of the resource types, and one that a policy could hold as it is.
pub(super) fn fits(arn: &str, resource_types: &[ActionResource]) -> bool {
    let is_plain = |byte: u8| !byte.is_ascii_control() && !matches!(byte, b'*' | b'?' | b'$');
    arn.len() <= LONGEST_ARN
        && arn.bytes().all(is_plain)
        && resource_types
            .iter()
            .any(|one| has_form(arn, one.arn_format))
}

/// Whether an ARN has the form of `arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}`: the same service, and in the last
/// field the same words between `/` and `:`. A variable at the end can hold more such parts, unless it is a bucket's name.
fn has_form(arn: &str, format: &str) -> bool {
    const BUCKET: &str = "${BucketName}";
    let separators = ['/', ':'];
    let (Some((service, rest)), Some((own_service, own_rest))) =
        (service_and_rest(arn), service_and_rest(format))
    else {
        return false;
    };
    let count = own_rest.split(separators).count();
    let mut parts = rest.splitn(count, separators);
    let fits = own_rest.split(separators).all(|own| {
        parts.next().is_some_and(|part| {
            let is_one_part = own != BUCKET || !part.contains(separators);
            !part.is_empty() && is_one_part && (own.contains("${") || part == own)
        })
    });
    service == own_service && fits
}

/// The third and the sixth field.
fn service_and_rest(arn: &str) -> Option<(&str, &str)> {
    let mut fields = arn.splitn(6, ':');
    fields.next().filter(|first| *first == "arn")?;
    Some((fields.nth(1)?, fields.nth(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn a_resource_fits_where_it_is_of_a_type_of_the_action() {
        let fits = |arn: &str, action: &str| {
            let action = Catalog::get().action(action).unwrap();
            fits(arn, &action.details().resources)
        };
        let of_kms = |rest: &str| format!("arn:aws:kms:eu-west-1:111122223333:{rest}");
        assert!(fits(&of_kms("key/1234"), "kms:Decrypt"));
        for other in [
            of_kms("key/*"),
            of_kms("key/"),
            of_kms("alias/1234"),
            "arn:aws:s3:::bucket".to_owned(),
        ] {
            assert!(!fits(&other, "kms:Decrypt"), "{other}");
        }
        assert!(fits("arn:aws:s3:::bucket/a/b", "s3:GetObject"));
        assert!(!fits("arn:aws:s3:::bucket", "s3:GetObject"));
        assert!(!fits("bucket", "s3:GetObject"));
        assert!(fits("arn:aws:s3:::bucket", "s3:ListBucket"));
        assert!(!fits("arn:aws:s3:::bucket/a/b", "s3:ListBucket"));
        assert!(fits(
            "arn:aws:iam::111122223333:role/service/r",
            "iam:GetRole"
        ));
    }
}
