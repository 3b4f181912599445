//! Resources made up from a pattern, to stand for all of it.

use leastgrant_policy::{Resource, ResourcePattern, ShortArn, Version, Wildcard};

use super::candidates::{Finder, is_of_no_key};
use super::shape::{Fill, Shape};

/// Stands for an account of which nothing was collected.
const ANOTHER_ACCOUNT: &str = "another-account";

impl Finder<'_> {
    pub(super) fn made_up(&self, shape: &Shape) -> Vec<Resource> {
        let service = self.action.service();
        let fill = Fill {
            partition: self.subject.arn.split(':').nth(1).unwrap_or("aws"),
            service,
            account_id: &self.subject.account_id,
        };
        let is_of_key = service == "kms" && !is_of_no_key(self.action);
        let is_of_role = service == "sts" && self.action.name().starts_with("assumerole");
        // Users of identity providers call these; what policies of the inventory's principals say of them grants nothing.
        if is_of_role && self.action.name() != "assumerole" {
            return match shape {
                Shape::Fields(fields) if fields.iter().all(|own| own.as_literal().is_some()) => {
                    made_up(shape, &fill)
                }
                _ => Vec::new(),
            };
        }
        match shape {
            Shape::Fields(fields) if fields.iter().all(|field| field.as_literal().is_some()) => {
                made_up(shape, &fill)
            }
            // Which keys and roles there are is known by their policies, one by one, where these were collected; of other
            // accounts' it is not known whom their policies name.
            shape if is_of_role => self.elsewhere(shape, &fill, "iam", "", "role/", |account_id| {
                self.access.has_roles(account_id)
            }),
            shape if is_of_key => {
                self.elsewhere(shape, &fill, "kms", "any-region", "key/", |account_id| {
                    self.index.has_keys(account_id)
                })
            }
            shape => made_up(shape, &fill),
        }
    }

    /// Roles or keys that the shape matches in accounts where they are not known one by one.
    fn elsewhere(
        &self,
        shape: &Shape,
        fill: &Fill<'_>,
        service: &str,
        region: &str,
        prefix: &str,
        is_known: impl Fn(&str) -> bool,
    ) -> Vec<Resource> {
        let text = format!("arn:{}:{service}:*:*:{prefix}*", fill.partition);
        let all = ResourcePattern::parse(&text, Version::V2008);
        let within =
            Shape::of(&all, ShortArn::Nothing, |_| None).and_then(|all| shape.within(&all));
        let Some(Shape::Fields(mut fields)) = within else {
            return Vec::new();
        };
        let [_, _, _, own_region, account, _] = &mut *fields;
        if own_region.matches(region) {
            *own_region = Wildcard::literal(region);
        }
        let own = fill.account_id;
        let account_id = match account.as_literal() {
            Some(account_id) => Some(account_id.to_owned()),
            None if account.matches(own) && !is_known(own) => Some(own.to_owned()),
            None => None,
        };
        if account_id.as_deref().is_some_and(&is_known) {
            return Vec::new();
        }
        if let Some(account_id) = account_id {
            *account = Wildcard::literal(&account_id);
        }
        // An account that is left open is any other one.
        let fill = Fill {
            account_id: ANOTHER_ACCOUNT,
            ..*fill
        };
        made_up(&Shape::Fields(fields), &fill)
    }
}

fn made_up(shape: &Shape, fill: &Fill<'_>) -> Vec<Resource> {
    let texts = shape.resources(fill);
    texts.iter().map(|text| Resource::parse(text)).collect()
}
