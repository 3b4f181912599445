//! ARN formats: filled with ids, or held against ARNs.

use leastgrant_policy::principal::is_account_id;

use super::parameters::is_plain;

/// IAM's documented limit of an ARN's length.
const LONGEST_ARN: usize = 2048;

/// An ARN format of the catalogue, `arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    format: &'static str,
    parts: Vec<Part>,
    /// The names of the variables that a request must fill, in their order.
    variables: Vec<&'static str>,
    /// The fields from the third to the fifth.
    service: &'static str,
    region: &'static str,
    account: &'static str,
    /// The parts of the last field between `/` and `:`; none for variables.
    words: Vec<Option<&'static str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Text(&'static str),
    Partition,
    Region,
    Account,
    /// The number of a variable.
    Variable(usize),
}

/// Where a request went to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
}

impl Place<'_> {
    /// The partition that a Region belongs to, by the beginnings of the Regions' names, which end in a digit (botocore's list of
    /// partitions).
    ///
    /// A Region that is not known is taken for one of AWS's largest partition, whose names have no mark.
    pub(super) fn partition(&self) -> &'static str {
        const MARKS: [(&str, &str); 8] = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
            ("eu-isof-", "aws-iso-f"),
            ("eusc-", "aws-eusc"),
        ];
        let is_name = self.region.ends_with(|last: char| last.is_ascii_digit());
        let mark = MARKS
            .iter()
            .find(|(mark, _)| is_name && self.region.starts_with(mark));
        mark.map_or("aws", |(_, partition)| *partition)
    }

    /// Whether an ARN is of this Region and account.
    pub(super) fn is_of(&self, arn: &str) -> bool {
        fields(arn)
            .is_some_and(|[_, region, account, _]| region == self.region && account == self.account)
    }

    pub(super) fn known_region(&self) -> Option<&str> {
        let is_region = !self.region.is_empty()
            && self
                .region
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_region.then_some(self.region)
    }
}

impl Template {
    /// Takes a format apart; `None` for one that is several in one.
    pub(super) fn of(format: &'static str) -> Option<Self> {
        if format.contains(", ") {
            return None;
        }
        let [service, region, account, resource] = fields(format)?;
        let words = resource
            .split(['/', ':'])
            .map(|word| (!word.contains("${")).then_some(word));
        let mut template = Self {
            format,
            parts: Vec::new(),
            variables: Vec::new(),
            service,
            region,
            account,
            words: words.collect(),
        };
        let mut rest = format;
        while let Some((text, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}')?;
            if !text.is_empty() {
                template.parts.push(Part::Text(text));
            }
            template.parts.push(match name {
                "Partition" => Part::Partition,
                "Region" => Part::Region,
                "Account" => Part::Account,
                name => {
                    let known = template.variables.iter().position(|known| *known == name);
                    Part::Variable(known.unwrap_or_else(|| {
                        template.variables.push(name);
                        template.variables.len() - 1
                    }))
                }
            });
            rest = after;
        }
        if !rest.is_empty() {
            template.parts.push(Part::Text(rest));
        }
        Some(template)
    }

    pub(super) fn variables(&self) -> &[&'static str] {
        &self.variables
    }

    /// Whether an ARN is of the service whose resources the format is of.
    pub(super) fn is_of_service(&self, arn: &str) -> bool {
        fields(arn).is_some_and(|[service, ..]| service == self.service)
    }

    /// The ARN with these values for the variables; `None` where the place is not known or it is no ARN that a policy can hold.
    pub(super) fn filled(&self, place: &Place<'_>, values: &[&str]) -> Option<String> {
        let arn = self.with(place, values)?;
        (arn.len() <= LONGEST_ARN && is_plain(&arn)).then_some(arn)
    }

    /// The pattern of all ARNs in this place.
    pub(super) fn any(&self, place: &Place<'_>) -> Option<String> {
        self.with(place, &vec!["*"; self.variables.len()])
    }

    fn with(&self, place: &Place<'_>, values: &[&str]) -> Option<String> {
        let mut arn = String::with_capacity(self.format.len() + 32);
        for part in &self.parts {
            arn.push_str(match part {
                Part::Text(text) => text,
                Part::Partition => place.partition(),
                Part::Region => place.known_region()?,
                Part::Account => Some(place.account).filter(|account| is_account_id(account))?,
                Part::Variable(number) => values.get(*number)?,
            });
        }
        Some(arn)
    }

    /// How well an ARN fits, as the number of words that it shares with the format; `None` where it does not.
    ///
    /// It fits with the same service, without a Region and an account where the format has none, and, in the last field, the same words between `/` and `:`. A variable at the end can hold more
    /// such parts, unless there is no word at all: a bucket's, a queue's and a topic's ARN end with their name.
    pub(super) fn fit(&self, arn: &str) -> Option<usize> {
        let separators = ['/', ':'];
        let [service, region, account, rest] = fields(arn)?;
        let is_elsewhere = self.region.is_empty() && !region.is_empty()
            || self.account.is_empty() && !account.is_empty();
        if service != self.service || is_elsewhere {
            return None;
        }
        let count = self.words.len();
        let mut parts = rest.splitn(count, separators);
        let mut same = 0;
        for own in &self.words {
            let part = parts.next().filter(|part| !part.is_empty())?;
            let is_right = match own {
                Some(own) => {
                    same += 1;
                    part == *own
                }
                None => same > 0 || count > 1 || !part.contains(separators),
            };
            is_right.then_some(())?;
        }
        (arn.len() <= LONGEST_ARN && is_plain(arn)).then_some(same)
    }
}

/// The fields from the third to the last: service, Region, account, resource.
fn fields(arn: &str) -> Option<[&str; 4]> {
    let mut fields = arn.splitn(6, ':');
    fields.next().filter(|first| *first == "arn")?;
    let _partition = fields.next()?;
    Some([
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn an_arn_fits_where_it_is_of_a_type_of_the_action() {
        let fits = |arn: &str, action: &str| {
            let action = Catalog::get().action(action).unwrap();
            let mut types = action.details().resources.iter();
            types.any(|one| Template::of(one.arn_format).unwrap().fit(arn).is_some())
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
        assert!(!fits(
            "arn:aws:sns:eu-west-1:111122223333:t:0a1b",
            "sns:Publish"
        ));
    }

    #[test]
    fn every_format_that_is_one_is_filled_and_fits_itself() {
        let place = Place {
            region: "us-gov-west-1",
            account: "111122223333",
        };
        let services = Catalog::get().services().iter();
        for one in services.flat_map(|service| service.resource_types()) {
            let Some(template) = Template::of(one.arn_format) else {
                assert!(one.arn_format.contains(", "));
                continue;
            };
            let values: Vec<String> = (0..template.variables().len())
                .map(|number| format!("v{number}"))
                .collect();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            // Formats that are patterns themselves tell no ARN.
            if one.arn_format.contains('*') {
                assert_eq!(template.filled(&place, &values), None);
                continue;
            }
            let arn = template.filled(&place, &values);
            let arn = arn.unwrap_or_else(|| panic!("{}", one.arn_format));
            assert!(
                !arn.contains('$') && arn.starts_with("arn:aws-us-gov:"),
                "{arn}"
            );
            // An empty part is none: paths of API Gateway, and the stacks of OpsWorks.
            assert!(template.fit(&arn).is_some() || arn.contains(":/") || arn.ends_with('/'));
            assert!(template.any(&place).is_some());
            let nowhere = Place {
                account: "",
                ..place
            };
            let has_account = one.arn_format.contains("${Account}");
            assert_eq!(template.filled(&nowhere, &values).is_none(), has_account);
        }
    }
}
