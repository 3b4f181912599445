//! What somebody may have meant who wrote a service or an action that is not known.

use crate::{Catalog, Service};

impl Catalog {
    /// The known action or service that is nearest to a text; `None` where nothing is near.
    ///
    /// Names that SDKs and endpoints have for a service are understood, and an action's name without its service where
    /// a few services have it. Wildcards in the name are left as they are.
    #[must_use]
    pub fn suggest(&self, text: &str) -> Option<String> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.split_once(':') {
            Some((prefix, name)) => self.suggest_action(prefix, name, text),
            None => self
                .nearest_service(&lower)
                .map(|service| service.prefix().to_owned())
                .or_else(|| self.action_called(&lower)),
        }
    }

    /// The nearest condition key to one that is not documented, global or of the service of its prefix; none where the key is
    /// documented, and where no key is near: the lists of services have holes.
    #[must_use]
    pub fn suggest_condition_key(&'static self, key: &str) -> Option<&'static str> {
        let lower = key.to_ascii_lowercase();
        let (prefix, name) = lower.split_once(':')?;
        let service = self.service(prefix);
        let keys = || {
            let own = service.into_iter().flat_map(|own| own.condition_keys());
            let all = self.global_condition_keys().iter().chain(own);
            all.map(|own| own.name)
        };
        if keys().any(|own| is_condition_key(own, &lower)) {
            return None;
        }
        // What is left open of a name is near to anything.
        let whole = keys().filter(|own| !own.contains("${"));
        let names: Vec<(String, &'static str)> = whole
            .filter_map(|own| {
                Some((
                    own.to_ascii_lowercase()
                        .strip_prefix(prefix)?
                        .strip_prefix(':')?
                        .to_owned(),
                    own,
                ))
            })
            .collect();
        // One letter in a short name makes another word.
        let most = if name.len() < 8 { 1 } else { 2 };
        let near = names
            .iter()
            .filter(|(own, _)| strsim::osa_distance(own, name) <= most);
        nearest(name, near.map(|(own, whole)| (own.as_str(), *whole)))
    }

    fn suggest_action(&self, prefix: &str, name: &str, text: &str) -> Option<String> {
        let has_wildcards = name.contains(['*', '?']);
        if let Some(service) = self.service(prefix) {
            if has_wildcards {
                return None;
            }
            return self
                .nearest_action(service, name)
                .or_else(|| self.action_called(name));
        }
        let service = self.nearest_service(prefix);
        if has_wildcards {
            let (_, name) = text.split_once(':')?;
            return Some(format!("{}:{name}", service?.prefix()));
        }
        service
            .and_then(|service| self.action_of_lower(service.prefix(), name))
            .map(|action| action.to_string())
            .or_else(|| self.action_called(name))
            .or_else(|| self.nearest_action(service?, name))
            .or_else(|| Some(service?.prefix().to_owned()))
    }

    /// By one of its other names, or else by spelling.
    fn nearest_service(&self, lower: &str) -> Option<&'static Service> {
        let by_other_name = || {
            let mut called_so = self.sdk_services.iter().filter(|sdk| sdk.is_called(lower));
            called_so.find_map(|sdk| self.service(sdk.prefix?))
        };
        let by_full_name = || {
            let mut services = self.services.iter();
            services.find(|service| service.name().eq_ignore_ascii_case(lower))
        };
        by_other_name().or_else(by_full_name).or_else(|| {
            nearest(
                lower,
                self.services
                    .iter()
                    .map(|service| (service.prefix(), service)),
            )
        })
    }

    fn nearest_action(&self, service: &Service, lower: &str) -> Option<String> {
        let rows = self.actions.get(service.actions.clone())?;
        let row = nearest(lower, rows.iter().map(|row| (row.lower, row)))?;
        Some(format!("{}:{}", service.prefix(), row.name))
    }

    /// The action of this name: the one with the shortest prefix, where a few services have one.
    fn action_called(&self, lower: &str) -> Option<String> {
        const FEW: usize = 5;
        let rows = self.actions.iter().filter(|row| row.lower == lower);
        let rows: Vec<_> = rows.take(FEW + 1).collect();
        let row = rows.iter().min_by_key(|row| row.service.prefix().len())?;
        (rows.len() <= FEW).then(|| format!("{}:{}", row.service.prefix(), row.name))
    }
}

/// Whether a key is a documented one: `aws:RequestTag/${TagKey}` stands for every key that begins so.
#[must_use]
pub fn is_condition_key(documented: &str, key: &str) -> bool {
    let beginning = |text: &str| text.split_once("${").map(|(beginning, _)| beginning.len());
    match beginning(documented) {
        Some(length) => {
            let own = documented.get(..length).unwrap_or_default();
            key.get(..length)
                .is_some_and(|key| key.eq_ignore_ascii_case(own))
        }
        None => documented.eq_ignore_ascii_case(key),
    }
}

/// The candidate with the fewest changes of a character: at most one in three, and never all.
fn nearest<'a, T>(lower: &str, candidates: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let length = lower.chars().count();
    let most = (length / 3).max(1);
    candidates
        .filter(|(candidate, _)| candidate.len().abs_diff(lower.len()) <= most)
        .map(|(candidate, value)| (strsim::osa_distance(lower, candidate), value))
        .filter(|(distance, _)| *distance <= most && *distance < length)
        // The first of equals: candidates come sorted.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found_by_spelling_and_by_other_names() {
        let suggest = |text: &str| Catalog::get().suggest(text).unwrap_or_default();
        assert_eq!(suggest("s3:GetObjekt"), "s3:GetObject");
        assert_eq!(suggest("s3:GteObject"), "s3:GetObject");
        assert_eq!(suggest("ec:DescribeTasks"), "ecs:DescribeTasks");
        assert_eq!(suggest("s4:GetObjekt"), "s3:GetObject");
        assert_eq!(
            suggest("elbv2:DescribeTargetHealth"),
            "elasticloadbalancing:DescribeTargetHealth"
        );
        assert_eq!(
            suggest("monitoring:PutMetricData"),
            "cloudwatch:PutMetricData"
        );
        assert_eq!(suggest("elbv2:Describe*"), "elasticloadbalancing:Describe*");
        assert_eq!(suggest("iam:GetCallerIdentity"), "sts:GetCallerIdentity");
        assert_eq!(suggest("GetCallerIdentity"), "sts:GetCallerIdentity");
        assert_eq!(suggest("GetObject"), "s3:GetObject");
        assert_eq!(suggest("TagResource"), "");
        assert_eq!(suggest("Amazon EC2"), "ec2");
        assert_eq!(suggest("stepfunctions"), "states");
        assert_eq!(suggest("cloudwach"), "cloudwatch");
        assert_eq!(suggest("s3:Nothing*AtAll"), "");
        assert_eq!(suggest("no such thing anywhere"), "");
        assert_eq!(suggest(""), "");
        assert_eq!(suggest(":"), "");
    }

    #[test]
    fn condition_keys_that_are_nearly_documented_are_told() {
        let suggest = |key: &str| Catalog::get().suggest_condition_key(key);
        assert_eq!(suggest("aws:SourceIpp"), Some("aws:SourceIp"));
        assert_eq!(suggest("aws:PrincipalOrgIdd"), Some("aws:PrincipalOrgID"));
        assert_eq!(suggest("s3:prefx"), Some("s3:prefix"));
        for key in [
            "aws:sourceip",
            "aws:RequestTag/x",
            "s3:prefix",
            "iam:ResourceTag/a",
            "nothing:like",
            "s3:zzz",
            "aws",
            "",
        ] {
            assert_eq!(suggest(key), None, "{key}");
        }
    }
}
